import DeskCore
import Testing

@Suite("Texts that show nothing to a reader are blank")
struct BlankTextTests {
  @Test(arguments: [
    "", " ", "\t\r\n", "\u{00A0}", "\u{3000}", "\u{2003}", "\u{2028}\u{2029}", "\u{0085}", "\u{0000}", "\u{001B}",
    "\u{007F}",
    "\u{00AD}", "\u{034F}", "\u{061C}", "\u{115F}\u{1160}", "\u{17B4}\u{17B5}", "\u{180B}\u{180E}\u{180F}",
    "\u{200B}", "\u{200C}\u{200D}", "\u{200E}\u{200F}", "\u{202A}\u{202E}", "\u{2060}\u{2064}", "\u{2066}\u{2069}",
    "\u{2800}", "\u{3164}", "\u{FE00}\u{FE0F}", "\u{FEFF}", "\u{FFA0}", "\u{FFF9}\u{FFFA}\u{FFFB}", "\u{FFFF}",
    "\u{1D173}", "\u{E0001}\u{E0020}\u{E007F}", "\u{E0100}", " \u{200B}\n\u{3164} ",
  ])
  func invisibleTextIsBlank(_ text: String) {
    #expect(text.isBlank)
  }

  @Test(arguments: [
    "a", "。", "é", "e\u{0301}", "\u{200B}a", "\u{FEFF}您好", "❤\u{FE0F}", "1\u{FE0F}\u{20E3}", "👩\u{200D}👩\u{200D}👧",
    "🏴\u{E0067}\u{E007F}",
    "\u{0301}", "\u{0600}", "\u{FFFD}", "\u{2801}", "\u{3131}", "\u{E000}", "⠿",
  ])
  func visibleTextIsNotBlank(_ text: String) {
    #expect(!text.isBlank)
  }
}
