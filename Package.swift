// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
//
// The targets of Nashra, lowest first. A target imports only what its line here names;
// Scripts/check-layers fails the build when a source file imports more.
// docs/architecture.md says what each is for.
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

func ours(
    _ name: String,
    _ dependencies: [Target.Dependency] = [],
    exclude: [String] = [],
    resources: [Resource] = [],
    plugins: [Target.PluginUsage] = []
) -> Target {
    .target(
        name: name,
        dependencies: dependencies,
        exclude: exclude,
        resources: resources,
        swiftSettings: strict,
        plugins: plugins
    )
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: [.byName(name: name)] + dependencies,
        exclude: exclude,
        swiftSettings: strict
    )
}

let package = Package(
    name: "nashra",
    products: [.executable(name: "nashra", targets: ["nashra"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.1"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // C libraries of the system
        .systemLibrary(
            name: "CCurl",
            pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"])]
        ),
        .systemLibrary(
            name: "CMarkdown",
            pkgConfig: "libcmark-gfm",
            providers: [.apt(["libcmark-gfm-dev", "libcmark-gfm-extensions-dev"])]
        ),
        .systemLibrary(name: "CIDN2", pkgConfig: "libidn2", providers: [.apt(["libidn2-dev"])]),
        .systemLibrary(name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),

        // The words of the domain, and pure work on bytes
        ours("NashraCore", ["CIDN2"]),
        ours("NashraKeys", ["NashraCore", .product(name: "Crypto", package: "swift-crypto")]),
        ours("NashraMIME", ["NashraCore"]),
        ours("NashraSegments", ["NashraCore"]),
        ours("NashraCSV", ["NashraCore"]),
        ours("NashraXLSX", ["NashraCore", "NashraCSV", "CZip"]),
        ours("NashraTables", ["NashraCore", "NashraCSV", "NashraXLSX"]),
        ours("NashraYAML", ["NashraCore", .product(name: "Yams", package: "Yams")]),
        ours(
            "NashraTemplates",
            ["NashraCore", "CMarkdown", .product(name: "Mustache", package: "swift-mustache")]
        ),

        ours(
            "NashraBounce",
            ["NashraCore", "NashraMIME"],
            exclude: ["Rules"],
            plugins: ["EmbedRules"]
        ),
        ours(
            "NashraProviders",
            [
                "NashraCore",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "X509", package: "swift-certificates"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
            ],
            resources: [.embedInCode("Rules")]
        ),

        // Files, database, network: one target each, none knows another
        ours("NashraConfig", ["NashraCore", "NashraYAML"]),
        ours("NashraBulletins", ["NashraCore", "NashraYAML", "NashraTemplates"]),
        ours(
            "NashraStore",
            [
                "NashraCore", "NashraSegments",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            resources: [.embedInCode("Migrations")]
        ),
        ours("NashraSMTP", ["NashraCore", "CCurl"]),
        ours("NashraMailbox", ["NashraCore", "CCurl"]),
        ours(
            "NashraSink",
            [
                "NashraCore",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "X509", package: "swift-certificates"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
            ]
        ),

        // The use cases, their composition, and the command line
        ours(
            "NashraEngine",
            [
                "NashraCore", "NashraKeys", "NashraMIME", "NashraCSV", "NashraTables", "NashraTemplates",
                "NashraBounce", "NashraStore",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        ours(
            "NashraApp",
            [
                "NashraCore", "NashraKeys", "NashraMIME", "NashraTemplates", "NashraConfig",
                "NashraBulletins",
                "NashraBounce", "NashraProviders", "NashraTables",
                "NashraSegments", "NashraStore", "NashraSMTP", "NashraMailbox", "NashraSink",
                "NashraEngine", "NashraYAML",
                .product(name: "Logging", package: "swift-log"),
            ],
            plugins: ["EmbedWorkspaceFiles"]
        ),
        ours(
            "NashraCommands",
            [
                "NashraCore", "NashraConfig", "NashraBulletins", "NashraBounce", "NashraStore",
                "NashraEngine", "NashraCSV", "NashraTables",
                "NashraSegments", "NashraSink", "NashraApp",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        .executableTarget(name: "embed-files", swiftSettings: strict),
        .plugin(name: "EmbedRules", capability: .buildTool(), dependencies: ["embed-files"]),
        .plugin(name: "EmbedWorkspaceFiles", capability: .buildTool(), dependencies: ["embed-files"]),
        .executableTarget(name: "nashra", dependencies: ["NashraCommands"], swiftSettings: strict),
        // Not shipped: `make fuzz` builds it.
        .executableTarget(
            name: "nashra-fuzz",
            dependencies: [
                "NashraCore", "NashraMIME", "NashraBounce", "NashraProviders", "NashraCSV", "NashraXLSX",
                "NashraSegments", "NashraStore",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict
        ),

        // Tests: one target per source target, and scenarios over the whole
        ours("NashraTestKit", ["NashraCore"]),
        tests("NashraCore", ["NashraTestKit"], exclude: ["Addresses"]),
        tests("NashraKeys", ["NashraCore"]),
        tests("NashraSegments", ["NashraCore"], exclude: ["Corpus"]),
        tests("NashraMIME", ["NashraCore", "NashraTestKit"]),
        tests("NashraCSV", ["NashraCore", "NashraTestKit"], exclude: ["Corpus"]),
        tests("NashraXLSX", ["NashraCore", "NashraCSV", "NashraTestKit"], exclude: ["Corpus"]),
        tests("NashraTables", ["NashraCore", "NashraCSV", "NashraXLSX", "NashraTestKit"]),
        tests("NashraYAML", ["NashraCore"]),
        tests("NashraTemplates", ["NashraCore", "NashraTestKit"]),
        tests("NashraBounce", ["NashraCore", "NashraMIME", "NashraTestKit"], exclude: ["Examples"]),
        tests("NashraProviders", ["NashraCore", "NashraTestKit"], exclude: ["Examples"]),
        tests("NashraConfig", ["NashraCore", "NashraTestKit"]),
        tests("NashraBulletins", ["NashraCore", "NashraTemplates", "NashraTestKit"]),
        tests(
            "NashraStore",
            ["NashraCore", "NashraSegments", "NashraTestKit", .product(name: "GRDB", package: "GRDB.swift")],
            exclude: ["schema.sql"]
        ),
        tests("NashraSMTP", ["NashraCore", "NashraSink", "NashraTestKit"]),
        tests("NashraMailbox", ["NashraCore", "NashraTestKit"]),
        tests(
            "NashraSink",
            ["NashraCore", "NashraTestKit", .product(name: "Crypto", package: "swift-crypto")]
        ),
        tests(
            "NashraEngine",
            [
                "NashraCore", "NashraKeys", "NashraMIME", "NashraCSV", "NashraTables", "NashraTemplates",
                "NashraStore", "NashraSMTP", "NashraSink", "NashraTestKit",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        tests("NashraCommands", ["NashraCore", "NashraTestKit"]),
        .testTarget(
            name: "NashraScenarioTests",
            dependencies: ["NashraCore", "NashraTestKit", "nashra"],
            swiftSettings: strict
        ),
    ]
)
