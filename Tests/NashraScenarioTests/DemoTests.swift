// SPDX-License-Identifier: Apache-2.0
//
// The demonstration as a newcomer sees it.
import Foundation
import Testing

@Suite struct DemoTests {
    @Test func `the demo accounts for everybody and leaves one mail in each language to look at`() throws {
        let world = try World()
        let shown = try world.run(
            ["demo", "--recipients", "300", "--format", "json"],
            environment: ["TMPDIR": world.folder.path]
        )
        #expect(shown.status == 0, "\(shown)")
        let states = try #require(try shown.json()["deliveries"] as? [String: Int])
        #expect(states.values.reduce(0, +) == 300)
        #expect(states["accepted"] == 297)
        #expect(states["rejected"] == 3)
        let bounces = try #require(try shown.json()["bounces"] as? [String: Int])
        #expect((bounces["hard"] ?? 0) > 0)
        #expect((bounces["soft"] ?? 0) > 0)
        #expect(shown.error.contains("forged"))
        let line = try #require(shown.error.split(separator: "\n").first { $0.hasPrefix("Look at ") })
        let files = line.split(separator: " ").dropFirst(2).map(String.init)
        #expect(files.map { URL(fileURLWithPath: $0).lastPathComponent } == ["ar.eml", "en.eml", "fr.eml"])
        for file in files {
            let mail = String(decoding: try Data(contentsOf: URL(fileURLWithPath: file)), as: UTF8.self)
            let language = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
            #expect(mail.contains("Content-Language: \(language)"))
        }
        let folder = URL(fileURLWithPath: try #require(files.first)).deletingLastPathComponent()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 3)
    }
}
