import Testing

@testable import Language

@Suite struct LabelledCSVTests {
  private func parse(_ text: String) throws -> [LabelledExample] { try LabelledCSV.parse(Array(text.utf8)) }

  @Test func readsQuotedFieldsAndLineEnds() throws {
    let examples = try parse("\u{FEFF}text,label\r\n\"a, \"\"b\"\"\nc\",refund\r\n退款, account \n")
    #expect(
      examples == [
        LabelledExample(text: "a, \"b\"\nc", label: "refund"), LabelledExample(text: "退款", label: "account"),
      ])
  }

  @Test func readsOptionalColumnsInAnyOrder() throws {
    let examples = try parse(
      "Label,Note,Sentiment,URGENCY,Text\nx,n,negative,high,t\ny,,1,0,u\nz,,,,v\n\nw,,neutral,normal,last")
    #expect(
      examples == [
        LabelledExample(text: "t", label: "x", urgency: 2, sentiment: -1),
        LabelledExample(text: "u", label: "y", urgency: 0, sentiment: 1), LabelledExample(text: "v", label: "z"),
        LabelledExample(text: "last", label: "w", urgency: 1, sentiment: 0),
      ])
  }

  @Test(
    "rejects invalid files with line, column and remedy",
    arguments: [
      ("", 1, 1, "empty"),
      ("text;label\na;b\n", 1, 1, "lacks the column text"),
      ("text,labels\na,b\n", 1, 1, "lacks the column label"),
      ("text,label,text\na,b,c\n", 1, 12, "twice"),
      ("text,label\n", 2, 1, "no row"),
      ("text,label\na,b\nc\n", 3, 1, "1 field(s), but the header has 2"),
      ("text,label\na,b,c\n", 2, 1, "3 field(s)"),
      ("text,label\n\"line\nline\",x\n,y\n", 4, 1, "text is empty"),
      ("text,label\n好的a, \n", 2, 5, "label is empty"),
      ("text,label\n好\"a,b\n", 2, 2, "double quote inside"),
      ("text,label\n\"a\"b,c\n", 2, 4, "after a closing"),
      ("text,label\na,b\n\"open,c\nd,e\n", 3, 1, "never closed"),
      ("text,label,urgency\na,b,soon\n", 2, 5, "unknown value"),
      ("text,label,sentiment\na,b,2\n", 2, 5, "unknown value"),
      ("text,label\na,\"b\nc\"\n", 2, 3, "control character"),
      ("text,label\na\0,b\n", 2, 1, "NUL"),
      ("text,label\na,\(String(repeating: "x", count: 257))\n", 2, 3, "too long"),
    ])
  func refuses(text: String, line: Int, column: Int, message: String) {
    let error = #expect(throws: LanguageError.self) { try parse(text) }
    #expect(error?.code == .csv)
    #expect(error?.line == line)
    #expect(error?.column == column)
    #expect(error?.message.contains(message) == true, "\(error.map { "\($0)" } ?? "")")
    #expect(error?.remedy.isEmpty == false)
  }

  @Test(
    "reports the position of text that is not UTF-8",
    arguments: [
      ("text,label\na,b\n\"c\n好", "\",d\n", 4, 2), ("text,label\na,好b", ",d\n", 2, 5),
      ("text,label\n\"好", "\",d\n", 2, 3),
      ("text,label\n", "a,d\n", 2, 1),
    ])
  func refusesBadText(before: String, behind: String, line: Int, column: Int) {
    let bytes = Array(before.utf8) + [0xFF, 0xFE] + Array(behind.utf8)
    let error = #expect(throws: LanguageError.self) { try LabelledCSV.parse(bytes) }
    #expect(error?.line == line)
    #expect(error?.column == column)
    #expect(error?.message.contains("UTF-8") == true)
  }

  @Test func neverRepeatsTheText() {
    let error = #expect(throws: LanguageError.self) { try parse("text,label\nsecret \"words\",x\n") }
    #expect(error?.description.contains("secret") == false)
    #expect(error?.description.hasPrefix("line 2, column 8: ") == true)
  }

  @Test func refusesAMissingFile() {
    let error = #expect(throws: LanguageError.self) { try LabelledCSV.read(path: "/nowhere/at/all.csv") }
    #expect(error?.code == .file)
  }
}
