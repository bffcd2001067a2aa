public import Testing

/// A body that is rejected, and the expected fault.
///
/// The end-to-end suite sends the same bodies through all of intake; here they go to the reader alone.
public struct BadInput: Sendable, CustomTestStringConvertible {
  /// What is wrong with it.
  public let name: String
  /// The bytes.
  public let body: [UInt8]
  /// The JSON pointer in the answer; nil when the body as a whole is refused.
  public let field: String?

  public var testDescription: String { name }

  public init(_ name: String, _ body: String, field: String? = nil) {
    self.init(name, Array(body.utf8), field: field)
  }

  public init(_ name: String, _ body: [UInt8], field: String? = nil) {
    self.name = name
    self.body = body
    self.field = field
  }

  /// A valid message except for what is added or replaced.
  static func message(_ name: String, _ more: String, field: String) -> BadInput {
    BadInput(name, #"{"id":"m","customer":"c","text":"t",\#(more)}"#, field: field)
  }
}

/// Bodies of `POST /v1/messages`, application/json, each of which is refused.
public enum BadInputs {
  /// The body cannot be read, or is neither a message nor a list of messages.
  public static let bodies: [BadInput] = [
    BadInput("empty", ""),
    BadInput("white space", " \n\t "),
    BadInput("a word", "hello"),
    BadInput("a number", "42"),
    BadInput("a string", #""text""#),
    BadInput("null", "null"),
    BadInput("true", "true"),
    BadInput("an empty array", "[]"),
    BadInput("a truncated object", #"{"id":"m","customer":"c""#),
    BadInput("a truncated string", #"{"id":"m"#),
    BadInput("a truncated escape", #"{"id":"m\"#),
    BadInput("a truncated array", #"[{"id":"m"}"#),
    BadInput("a truncated number", #"{"id":-"#),
    BadInput("a truncated word", "[tru"),
    BadInput("trailing data", #"{"id":"m","customer":"c","text":"t"} {}"#),
    BadInput("an extra comma", #"{"id":"m","customer":"c","text":"t",}"#),
    BadInput("a missing comma", #"{"id":"m" "customer":"c"}"#),
    BadInput("a missing colon", #"{"id" "m"}"#),
    BadInput("a name without quotes", #"{id:"m"}"#),
    BadInput("single quotes", "{'id':'m'}"),
    BadInput("a comment", #"{"id":"m"/* c */}"#),
    BadInput("a number with a leading zero", #"{"id":01}"#),
    BadInput("a number with a bare point", #"{"id":1.}"#),
    BadInput("a number with a bare exponent", #"{"id":1e}"#),
    BadInput("a number with a plus", #"{"id":+1}"#),
    BadInput("not a number", #"{"id":NaN}"#),
    BadInput("a number of a thousand digits", #"{"id":\#(String(repeating: "1", count: 1000))}"#),
    BadInput("a bare control character", "{\"id\":\"m\u{1}\"}"),
    BadInput("a bare line feed", "{\"id\":\"m\n\"}"),
    BadInput("an unknown escape", #"{"id":"\x"}"#),
    BadInput("a short unicode escape", #"{"id":"\u12"}"#),
    BadInput("a lone high surrogate", #"{"id":"\ud800"}"#),
    BadInput("a lone low surrogate", #"{"id":"\udc00"}"#),
    BadInput("a high surrogate twice", #"{"id":"\ud800\ud800"}"#),
    BadInput("deep arrays", String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000)),
    BadInput("deep objects", String(repeating: #"{"a":"#, count: 100) + "1" + String(repeating: "}", count: 100)),
    BadInput("too many values", "[" + String(repeating: "1,", count: 200_001) + "1]"),
    BadInput("too many messages", "[" + Array(repeating: "{}", count: 1001).joined(separator: ",") + "]"),
    BadInput("an invalid byte", [0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D]),
    BadInput("an overlong slash", [0x5B, 0x22, 0xC0, 0xAF, 0x22, 0x5D]),
    BadInput("an encoded surrogate", [0x5B, 0x22, 0xED, 0xA0, 0x80, 0x22, 0x5D]),
    BadInput("beyond Unicode", [0x5B, 0x22, 0xF4, 0x90, 0x80, 0x80, 0x22, 0x5D]),
    BadInput("half a character", [0x5B, 0x22, 0xE4, 0xBD, 0x22, 0x5D]),
    BadInput("a byte order mark", [0xEF, 0xBB, 0xBF, 0x7B, 0x7D]),
    BadInput("UTF-16", [0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00]),
    BadInput("NUL bytes", [0, 0, 0, 0]),
    BadInput("a trailing NUL", Array(#"{"id":"m"}"#.utf8) + [0]),
  ]

  /// The body is a JSON object, and the message in it is rejected.
  public static let messages: [BadInput] = [
    BadInput("no field at all", "{}", field: "/id"),
    BadInput("no id", #"{"customer":"c","text":"t"}"#, field: "/id"),
    BadInput("an empty id", #"{"id":"","customer":"c","text":"t"}"#, field: "/id"),
    BadInput("a null id", #"{"id":null,"customer":"c","text":"t"}"#, field: "/id"),
    BadInput("a number as id", #"{"id":7,"customer":"c","text":"t"}"#, field: "/id"),
    BadInput(
      "a long id", #"{"id":"\#(String(repeating: "i", count: 201))","customer":"c","text":"t"}"#, field: "/id"),
    BadInput("a NUL in the id", #"{"id":"m\u0000","customer":"c","text":"t"}"#, field: "/id"),
    BadInput("no customer", #"{"id":"m","text":"t"}"#, field: "/customer"),
    BadInput("an empty customer", #"{"id":"m","customer":"","text":"t"}"#, field: "/customer"),
    BadInput("an object as customer", #"{"id":"m","customer":{"id":"c"},"text":"t"}"#, field: "/customer"),
    BadInput(
      "a long customer", #"{"id":"m","customer":"\#(String(repeating: "客", count: 201))","text":"t"}"#,
      field: "/customer"),
    BadInput("no text", #"{"id":"m","customer":"c"}"#, field: "/text"),
    BadInput("an empty text", #"{"id":"m","customer":"c","text":""}"#, field: "/text"),
    BadInput("an array as text", #"{"id":"m","customer":"c","text":["t"]}"#, field: "/text"),
    BadInput("a NUL in the text", #"{"id":"m","customer":"c","text":"a\u0000b"}"#, field: "/text"),
    BadInput(
      "a long text", #"{"id":"m","customer":"c","text":"\#(String(repeating: "t", count: 20_001))"}"#, field: "/text"),
    .message("another channel", #""channel":"other""#, field: "/channel"),
    .message("a number as channel", #""channel":1"#, field: "/channel"),
    .message("an unknown field", #""priority":1"#, field: ""),
    .message("a field in the wrong case", #""Text":"t""#, field: ""),
    .message("a field of the other form", #""sentAtMs":1"#, field: ""),
    .message("a long subject", #""subject":"\#(String(repeating: "s", count: 501))""#, field: "/subject"),
    .message("a flag as subject", #""subject":true"#, field: "/subject"),
    .message("a long thread", #""thread":"\#(String(repeating: "s", count: 201))""#, field: "/thread"),
    .message("a date without time", #""sent_at":"2026-11-22""#, field: "/sent_at"),
    .message("a time without offset", #""sent_at":"2026-11-22T10:00:00""#, field: "/sent_at"),
    .message("an invalid day", #""sent_at":"2026-02-29T10:00:00Z""#, field: "/sent_at"),
    .message("an invalid month", #""sent_at":"2026-13-01T10:00:00Z""#, field: "/sent_at"),
    .message("a number as timestamp", #""sent_at":1700000000"#, field: "/sent_at"),
    .message("attributes in an array", #""attributes":[]"#, field: "/attributes"),
    .message("a number as attribute", #""attributes":{"a":1}"#, field: "/attributes"),
    .message("an attribute without a name", #""attributes":{"":"a"}"#, field: "/attributes"),
    .message("a reserved attribute", #""attributes":{"thread":"a"}"#, field: "/attributes/thread"),
    .message(
      "a long attribute", #""attributes":{"a/b":"\#(String(repeating: "v", count: 1001))"}"#, field: "/attributes/a~1b"),
    .message(
      "too many attributes", #""attributes":{\#((0...50).map { #""a\#($0)":"v""# }.joined(separator: ","))}"#,
      field: "/attributes"),
    .message("attachments in an object", #""attachments":{}"#, field: "/attachments"),
    .message("a string as attachment", #""attachments":["https://example.com"]"#, field: "/attachments/0"),
    .message("an attachment without a URL", #""attachments":[{"name":"a"}]"#, field: "/attachments/0/url"),
    .message(
      "a file as attachment", #""attachments":[{"url":"file:///etc/passwd"}]"#, field: "/attachments/0/url"),
    .message("a script as attachment", #""attachments":[{"url":"javascript:alert(1)"}]"#, field: "/attachments/0/url"),
    .message("a URL without a host", #""attachments":[{"url":"https:///a"}]"#, field: "/attachments/0/url"),
    .message(
      "a URL with a user", #""attachments":[{"url":"https://me:secret@a.b/c"}]"#, field: "/attachments/0/url"),
    .message("a URL with a quote", #""attachments":[{"url":"https://a.b/\"c\""}]"#, field: "/attachments/0/url"),
    .message("a URL with a line break", #""attachments":[{"url":"https://a.b/\r\nc"}]"#, field: "/attachments/0/url"),
    .message(
      "a URL with a port out of range", #""attachments":[{"url":"https://a:65536/"}]"#, field: "/attachments/0/url"),
    .message(
      "a URL with an empty host label", #""attachments":[{"url":"https://a..b/"}]"#, field: "/attachments/0/url"),
    .message(
      "a header in a media type", #""attachments":[{"url":"https://a.b/c","media_type":"text/html\r\nX: y"}]"#,
      field: "/attachments/0/media_type"),
    .message(
      "a line break in a parameter of a media type",
      #""attachments":[{"url":"https://a.b/c","media_type":"text/html;a=\"\r\nX: y\""}]"#,
      field: "/attachments/0/media_type"),
    .message(
      "a NUL in an attachment's name", #""attachments":[{"url":"https://a.b/c","name":"a\u0000b"}]"#,
      field: "/attachments/0/name"),
    .message(
      "a line break in an attachment's name", #""attachments":[{"url":"https://a.b/c","name":"a\r\nX: y"}]"#,
      field: "/attachments/0/name"),
    BadInput("a blank customer", #"{"id":"m","customer":"\u200b ","text":"t"}"#, field: "/customer"),
    .message("a URL with a space", #""attachments":[{"url":"https://a.b/c d"}]"#, field: "/attachments/0/url"),
    .message(
      "an attachment with an invalid media type", #""attachments":[{"url":"https://a.b/c","media_type":"png"}]"#,
      field: "/attachments/0/media_type"),
    .message(
      "an unknown field of an attachment", #""attachments":[{"url":"https://a.b/c","size":1}]"#,
      field: "/attachments/0"),
    .message(
      "too many attachments",
      #""attachments":[\#(Array(repeating: #"{"url":"https://a.b/c"}"#, count: 21).joined(separator: ","))]"#,
      field: "/attachments"),
  ]
}
