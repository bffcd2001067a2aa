import DeskCore
import Foundation
import Testing

@Suite("Folding for word lists")
struct FoldedTextTests {
  @Test("canonically equivalent texts fold to the same, for every letter of the Basic Multilingual Plane")
  func canonicalEquivalentsFoldToTheSameText() {
    // Two Tibetan vowels that Unicode discourages, and a letter-like sign.
    let left: Set<UInt32> = [0x374, 0xF73, 0xF75]
    var unequal: [String] = []
    for value in UInt32(0x80)..<0x10000 where !left.contains(value) {
      guard let scalar = Unicode.Scalar(value), scalar.properties.isAlphabetic else { continue }
      let text = String(Character(scalar))
      // Compatibility ideographs whose character is outside the plane.
      guard let composed = text.precomposedStringWithCanonicalMapping.unicodeScalars.first, composed.value < 0x10000
      else { continue }
      let folded = FoldedText(text).scalars
      if folded != FoldedText(text.decomposedStringWithCanonicalMapping).scalars
        || folded != FoldedText(text.precomposedStringWithCanonicalMapping).scalars
      {
        unequal.append("U+" + String(value, radix: 16))
      }
    }
    #expect(unequal == [])
  }

  @Test("capital and small letters fold to the same, in every script that has them")
  func letterCasesFoldToTheSameText() {
    var unequal: [String] = []
    for value in UInt32(0x41)..<0x10000 {
      guard let scalar = Unicode.Scalar(value), scalar.properties.isAlphabetic else { continue }
      let (text, properties) = (String(Character(scalar)), scalar.properties)
      guard properties.changesWhenCaseMapped, FoldedText(text) != FoldedText(properties.lowercaseMapping) else {
        continue
      }
      unequal.append("U+" + String(value, radix: 16))
    }
    #expect(unequal == [])
    #expect(FoldedText("ß ẞ ſ ς ı") == FoldedText("SS ss S Σ I"))
  }

  @Test("texts that the classifier folds to the same, word lists fold to the same")
  func followsTheClassifier() {
    let normaliser = Normaliser(scalarLimit: .max, byteLimit: .max)
    for (text, folded) in [
      ("Ｈｅｌｌｏ，Ｗｏｒｌｄ！１２３", "hello,world!123"), ("㎏ ㎡ ㈱", "kg m2 (株)"), ("退款，請處理這個訂單。", "退款,请处理这个订单."),
      ("  many \t\r\n spaces  ", "many spaces"), ("a\u{200B}b\u{FEFF}c\u{FE0F}", "abc"), ("𝐇𝓲 𝟙𝟚", "hi 12"),
    ] {
      #expect(normaliser.normalise(text).string == folded)
      #expect(FoldedText(text).scalars == folded.unicodeScalars.map(\.value))
    }
  }
}
