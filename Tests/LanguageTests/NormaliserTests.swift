import Testing

@testable import DeskCore
@testable import Language

@Suite struct NormaliserTests {
  @Test(
    "folds equivalent texts to the same scalars",
    arguments: [
      ("Ｈｅｌｌｏ，Ｗｏｒｌｄ！１２３", "hello,world!123"),
      ("ABC　def", "abc def"),
      ("ｱｲｽ", "アイス"),
      ("①②⑳", "1220"),
      ("㎏ ㎡ ㈱", "kg m2 (株)"),
      ("ﬁne ﬂow", "fine flow"),
      ("x² + ½", "x2 + 1⁄2"),
      ("Ⅷ ⅲ", "viii iii"),
      ("℃ № ™", "°c no tm"),
      ("𝐇𝓲 𝟙𝟚", "hi 12"),
      ("Café CAFE\u{301} naïve Übung", "cafe cafe naive ubung"),
      ("İstanbul", "istanbul"),
      ("⽔⾦", "水金"),
      ("\u{F900}\u{F90A}", "豈金"),
      ("退款，請處理這個訂單。", "退款,请处理这个订单."),
      ("“quoted” ‘it’s’ – dash", "\"quoted\" 'it's' - dash"),
      ("a\u{200B}b\u{FEFF}c\u{FE0F}", "abc"),
      ("  many \t\r\n spaces  ", "many spaces"),
      ("👍🏽 ok", "👍🏽 ok"),
      ("app闪退ＡＰＰ", "app闪退app"),
      ("", ""),
      (" \n ", ""),
    ])
  func folds(text: String, folded: String) {
    #expect(Normaliser().normalise(text).string == folded)
  }

  @Test func isIdempotent() {
    for text in ["Ｆｕｌｌ　Ｗｉｄｔｈ ㈱ 處理", "İ ß ŉ ǅ", "½㎏"] {
      let once = Normaliser().normalise(text).string
      #expect(Normaliser().normalise(once).string == once)
    }
  }

  @Test func separatesAppendedTextsByOneSpace() {
    var text = NormalisedText()
    Normaliser().append("Subject ", to: &text)
    Normaliser().append(" body", to: &text)
    #expect(text.string == "subject body")
    #expect(text.kinds.count == text.scalars.count)
  }

  @Test func stopsAtTheLimit() {
    let long = Normaliser().normalise(String(repeating: "很长的话 ", count: 20_000))
    #expect(long.scalars.count <= LanguageLimits.normalisedScalars)
    #expect(long.scalars.count > LanguageLimits.normalisedScalars - 2)
    #expect(long.isTruncated)
    let invisible = Normaliser().normalise(String(repeating: "\u{200B}", count: 100_000) + "word")
    #expect(invisible.scalars.isEmpty)
    #expect(invisible.isTruncated)
    #expect(!Normaliser().normalise("short").isTruncated)
  }

  @Test func everyScalarFoldsStably() {
    let normaliser = Normaliser()
    for start in stride(from: UInt32(0), to: 0x30000, by: 0x400) {
      var block = String.UnicodeScalarView()
      for value in start..<start + 0x400 {
        if let scalar = Unicode.Scalar(value) {
          block.append(scalar)
        }
      }
      let once = normaliser.normalise(String(block)).string
      #expect(normaliser.normalise(once).string == once, "block U+\(String(start, radix: 16))")
    }
  }

  @Test func traditionalPairsAreComplete() {
    let pairs = Array(TraditionalForms.pairs.unicodeScalars)
    #expect(pairs.count.isMultiple(of: 2))
    let traditional = stride(from: 0, to: pairs.count, by: 2).map { pairs[$0] }
    let simplified = Set(stride(from: 1, to: pairs.count, by: 2).map { pairs[$0] })
    #expect(Set(traditional).count == traditional.count, "a character appears twice")
    #expect(simplified.isDisjoint(with: traditional), "a target would be folded again")
    #expect(zip(traditional, traditional.dropFirst()).allSatisfy { $0 < $1 })
  }
}
