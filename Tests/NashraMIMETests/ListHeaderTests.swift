// SPDX-License-Identifier: Apache-2.0
//
// List headers: exact lines, and URIs that cannot break out of their brackets.
import NashraMIME
import Testing

@Test func `a public list offers the web first, then mail, and promises one click`() throws {
    var block = HeaderBlock()
    try ListHeaders.append(
        identifier: "fraud.lists.moi.example",
        name: HeaderValue("احتيال"),
        help: AngleURI("https://moi.example/help"),
        owner: AngleURI("mailto:owner@moi.example"),
        to: &block
    )
    try ListHeaders.appendUnsubscribe(
        web: AngleURI("https://n.moi.example/u/v1.u.aaaa.bbbbbbbbbbbbb.cccccccccccccccccccccccccc"),
        mail: AngleURI("mailto:u+v1.u.aaaa.b.c@moi.example?subject=unsubscribe"),
        to: &block
    )
    let expected = """
        List-Id: =?UTF-8?B?2KfYrdiq2YrYp9mE?= <fraud.lists.moi.example>
        List-Help: <https://moi.example/help>
        List-Owner: <mailto:owner@moi.example>
        List-Post: NO
        List-Unsubscribe:\u{20}
         <https://n.moi.example/u/v1.u.aaaa.bbbbbbbbbbbbb.cccccccccccccccccccccccccc>,
         <mailto:u+v1.u.aaaa.b.c@moi.example?subject=unsubscribe>
        List-Unsubscribe-Post: List-Unsubscribe=One-Click

        """
    let flat = String(decoding: block.bytes, as: UTF8.self).replacing("\r\n", with: "\n")
    #expect(flat == expected.replacing("List-Unsubscribe:\u{20}\n <https", with: "List-Unsubscribe: <https"))
}

@Test func `one click is promised only with a web address, and nothing without any`() throws {
    var block = HeaderBlock()
    try ListHeaders.appendUnsubscribe(web: nil, mail: nil, to: &block)
    #expect(block.bytes.isEmpty)
    try ListHeaders.appendUnsubscribe(web: nil, mail: AngleURI("mailto:u@moi.example"), to: &block)
    #expect(String(decoding: block.bytes, as: UTF8.self) == "List-Unsubscribe: <mailto:u@moi.example>\r\n")
    let mail = try AngleURI("mailto:u@moi.example")
    #expect(throws: HeaderFault.self) { try ListHeaders.appendUnsubscribe(web: mail, mail: nil, to: &block) }
}

@Test(arguments: [
    "", "https:", "http://moi.example", "javascript:alert(1)", "https://a>b", "https://a<b", "https://a b",
    "https://a\r\nBcc: x",
    "https://مثال", "https://" + String(repeating: "a", count: 900),
])
func `a URI that could leave its brackets is refused`(_ text: String) {
    #expect(throws: HeaderFault.badURI(text)) { try AngleURI(text) }
}

@Test(arguments: ["", "a b", "a>b", "قائمة", "a\r\nb", String(repeating: "a", count: 256)])
func `a list identifier that could leave its brackets is refused`(_ identifier: String) {
    var block = HeaderBlock()
    #expect(throws: HeaderFault.badURI(identifier)) {
        try ListHeaders.append(identifier: identifier, name: nil, to: &block)
    }
}
