import Testing

@testable import DeskCore

@Suite("Parsing details from JSON")
struct JSONValueReadingTests {
  @Test(arguments: [
    #"{"a":1,"b":[true,false,null],"c":{"d":-2.5}}"#, "[]", "{}", #""a\"b\\c\nd""#, "12", "-0.125", "true",
    #"["退款","é"]"#,
  ])
  func writtenJSONRoundTrips(_ json: String) throws {
    #expect(try #require(JSONValue(json: json)).json == json)
  }

  @Test(arguments: [
    "", "{", "[1,]", #"{"a"}"#, "nul", "1 2", #""open"#, #"{"a":1,}"#, "--1", "\"\u{1}\"", #""\x""#, #""\uD800""#,
    String(repeating: "[", count: 100),
  ])
  func invalidJSONIsRefused(_ json: String) {
    #expect(JSONValue(json: json) == nil)
  }

  @Test func whitespaceAndEscapesAreParsed() throws {
    let detail = try #require(JSONValue(json: " { \"a\" : [ 1 , 2.0 ] ,\n \"b\\u00e9\\ud83d\\ude00\\/\" : \"\\t\" } "))
    #expect(detail["a"]?.list == [.integer(1), .number(2)])
    #expect(detail["bé😀/"]?.text == "\t")
    #expect(detail["a"]?.list?.last?.number == 2 && detail["none"] == nil)
  }

  @Test func theCanonicalFormIgnoresMemberOrder() throws {
    let one = try #require(JSONValue(json: #"{"b":{"y":1,"x":2},"a":[{"d":1,"c":2}]}"#))
    let other = try #require(JSONValue(json: #"{"a":[{"c":2,"d":1}],"b":{"x":2,"y":1}}"#))
    #expect(one != other && one.canonical == other.canonical)
  }
}
