import DeskCore
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Testing

@testable import HTTPService
@testable import UntrustedInput

@Suite("InputRules") struct InputRulesTests {
  private func fault(_ rule: () throws(InputFault) -> Void) -> InputFault? {
    do throws(InputFault) {
      try rule()
      return nil
    } catch {
      return error
    }
  }

  @Test("texts are limited in characters and must not contain NUL")
  func texts() {
    #expect(fault { () throws(InputFault) in try InputRules.text("", longest: 3) } == nil)
    #expect(fault { () throws(InputFault) in try InputRules.text("字字字", longest: 3) } == nil)
    #expect(fault { () throws(InputFault) in try InputRules.text("字字字字", longest: 3) } != nil)
    // One character for a reader, five for a database.
    #expect(fault { () throws(InputFault) in try InputRules.text("👩‍👩‍👧", longest: 4) } != nil)
    #expect(fault { () throws(InputFault) in try InputRules.text("a\u{0}", longest: 3) } != nil)
    for blank in ["", " ", "\n\t", "\u{200B}", "\u{3164}", "\u{FEFF} \u{2060}", "\u{00A0}"] {
      #expect(fault { () throws(InputFault) in try InputRules.words(blank, longest: 9) } != nil)
      #expect(fault { () throws(InputFault) in try InputRules.customer(blank) } != nil)
    }
    for name in ["a\nb", "a\rb", "a\u{1B}[31m", "a\u{85}b", "a\u{2028}b", "\u{7F}"] {
      #expect(fault { () throws(InputFault) in try InputRules.attachmentName(name) } != nil)
    }
    #expect(fault { () throws(InputFault) in try InputRules.attachmentName("发票 №1 (final).pdf") } == nil)
    #expect(fault { () throws(InputFault) in try InputRules.customer(String(repeating: "c", count: 3000)) } != nil)
    #expect(fault { () throws(InputFault) in try InputRules.customer("Cara Müller\n") } == nil)
  }

  @Test(
    "web addresses are absolute, ASCII, without user and password",
    arguments: [
      "https://a", "http://a/", "HTTPS://Files.Example.com./1.png?a=b#c", "https://a.b/c%20d", "https://[::1]:8443/x",
      "https://127.0.0.1:1/", "https://a_b.example/", "https://xn--fiq228c.example/x", "https://a/?q='x'|{y}^z",
      "https://a:65535", "https://a/@b", "https://a?b@c",
    ])
  func takesAddresses(url: String) {
    #expect(fault { () throws(InputFault) in try InputRules.webAddress(url) } == nil)
  }

  @Test(
    "anything else is not a web address",
    arguments: [
      "", "a", "//a/b", "/a", "https:/a", "https:a", "https://", "https:///a", "https://:80/", "https://?a",
      "ftp://a/b",
      "file:///etc/passwd", "javascript:alert(1)", "https://user@a/", "https://user:secret@a/", "https://@a/",
      "https://a b/", "https://a/b c", "https://a/\"b\"", "https://a/<b>", "https://a/`b`", "https://a\\b/",
      "https://a/\nb",
      "https://a/\r\nX: y", "https://a/\u{0}", "https://例え.jp/", "https://a/é", "https://a:0/", "https://a:65536/",
      "https://a:port/", "https://a:/", "https://a:99999999999999999999/", "https://[::1/", "https://[::g]/",
      "https://[]/",
      "https://[::1]x/", "https://a..b/", "https://.a/", "https://-/..\u{1B}", "https://a%00b/",
      "https://" + String(repeating: "a", count: 64) + "/", "https://a/" + String(repeating: "b", count: 2000),
      "https://\u{212A}elvin/",
    ])
  func refusesAddresses(url: String) {
    let fault = fault { () throws(InputFault) in try InputRules.webAddress(url) }
    #expect(fault != nil && fault?.detail.contains("secret") == false)
  }

  @Test(
    "media types are validated with their parameters",
    arguments: [
      "image/png", "text/html; charset=utf-8", "text/plain;charset=\"utf-8\";format=flowed", "application/vnd.ms-excel",
      "application/ld+json ; profile=\"a \\\" b\"", "text/x.y-z!#$&^_.+", "audio/ogg;", "IMAGE/PNG",
    ])
  func takesMediaTypes(type: String) {
    #expect(fault { () throws(InputFault) in try InputRules.mediaType(type) } == nil)
  }

  @Test(
    "anything else is not a media type",
    arguments: [
      "", "png", "/", "a/", "/b", "a/b/c", "a b/c", "text/html\r\nX: y", "text/html;a\r\n=b", "text/html;a=\"b\r\n\"",
      "text/html;a=\"b", "text/html;=b", "text/html;a", "text/html a=b", ".a/b", "a/+b", "text/html; charset=utf 8",
      "té/b",
      "text/html;a=\"\\", "text/html;a=\u{0}", "text/html;" + String(repeating: "a", count: 128) + "=b", "\u{212A}/b",
    ])
  func refusesMediaTypes(type: String) {
    #expect(fault { () throws(InputFault) in try InputRules.mediaType(type) } != nil)
  }

  @Test("keys")
  func keys() {
    #expect(InputRules.bearerKey(authorization: "Bearer abcdefghijklmnop") == "abcdefghijklmnop")
    for text in [
      "", "Bearer", "Bearer short", "Basic abcdefghijklmnop", "Bearer abcdefgh ijklmnop", "Bearer ａbcdefghijklmnop",
    ] {
      #expect(InputRules.bearerKey(authorization: text) == nil)
    }
    #expect(fault { () throws(InputFault) in try InputRules.requestKey("k-1") } == nil)
    for key in ["", " ", "a b", "ü", String(repeating: "k", count: 191), "a\r\nb"] {
      #expect(fault { () throws(InputFault) in try InputRules.requestKey(key) } != nil)
    }
    for key in ["", "Web", "a b", "é", "a\u{0}", String(repeating: "k", count: 65)] {
      #expect(fault { () throws(InputFault) in try InputRules.key(ChannelID(key)) } != nil)
    }
  }
}

@Suite("RequestTarget") struct RequestTargetTests {
  @Test(
    "percent-encoding is strict",
    arguments: [
      ("", ""), ("cara", "cara"), ("Cara%20M%C3%BCller", "Cara Müller"), ("%41%2f%2F", "A//"), ("a+b", "a+b"),
      ("%00", nil), ("a%00b", nil), ("%", nil), ("%4", nil), ("%zz", nil), ("%-1", nil), ("%C3%28", nil),
      ("%ed%a0%80", nil),
      ("%c0%af", nil), ("%25%30%30", "%00"),
    ] as [(String, String?)])
  func decodes(text: String, decoded: String?) { #expect(PercentEncoding.decode(text) == decoded) }

  @Test("incorrectly encoded path values are answered with 400 and not echoed")
  func paths() throws {
    #expect(try RequestPath.value("id", in: ["id": "a%20b"]) == "a b")
    for text in ["%00secret", "%zz", "secret%ff"] {
      let problem = #expect(throws: HTTPProblem.self) { try RequestPath.value("id", in: ["id": text[...]]) }
      #expect(problem?.status == .badRequest && problem?.errors.first?.field == "id")
      #expect(problem?.errors.first?.value == nil)
    }
  }

  @Test("query parameters must be known, unique and correctly encoded; all errors are reported")
  func queries() {
    func read(_ query: String) -> RequestQuery { RequestQuery(URI("/x?" + query), known: ["from", "zone"]) }
    func fields(_ query: String) -> [String] { read(query).errors.map(\.field) }
    #expect(read("")["from"] == nil && read("").errors.isEmpty)
    let both = read("from=2026-01-01&zone=Etc/GMT%2B8&")
    #expect(both["from"] == "2026-01-01" && both["zone"] == "Etc/GMT+8" && both.errors.isEmpty)
    #expect(read("%66rom=a=b")["from"] == "a=b")
    #expect(read("from")["from"] == "")
    #expect(fields("from=%00&zone=%zz&to=1&from=2") == ["from", "zone", "to", "from"])
    #expect(fields("%00=1") == ["%00"])
    #expect(fields(String(repeating: "z", count: 500)).first?.count == 64)
  }
}
