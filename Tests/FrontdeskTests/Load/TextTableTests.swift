import Testing

@testable import CommandLineTool

@Suite("Text table")
struct TextTableTests {
  @Test("Columns line up, numbers to the right, Chinese characters counted as two columns")
  func alignment() {
    var table = TextTable([("queue", .left), ("n", .right)])
    table.add(["售后", "7"])
    table.add(["orders", "1234"])
    #expect(
      table.text == """
          queue      n
          售后       7
          orders  1234
        """)
  }

  @Test("Rows with too few or too many cells are handled")
  func ragged() {
    var table = TextTable([("a", .left), ("b", .left)])
    table.add(["1"])
    table.add(["1", "2", "3"])
    #expect(table.rows == [["1", ""], ["1", "2"]])
  }

  @Test(
    "Width is the number of terminal columns",
    arguments: [("abc", 3), ("中文", 4), ("ｆｕｌｌ", 8), ("e\u{301}", 1), ("한글", 4), ("😀", 2), ("", 0)])
  func widths(_ text: String, _ width: Int) {
    #expect(TextWidth.of(text) == width)
  }
}
