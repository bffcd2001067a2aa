internal import DeskCore

/// The language of a message, judged by its script.
public enum MessageLanguage: String, Sendable, CaseIterable {
  case simplifiedChinese = "zh-Hans"
  case traditionalChinese = "zh-Hant"
  case english = "en"
  /// Chinese and English in one message, each more than a single word or character.
  case mixed
  /// Any other script.
  case other
  /// Only digits, symbols or emoji.
  case undetermined = "und"

  /// Judges by the characters before folding. A Latin name or product code inside a Chinese message does not make it
  /// mixed: there must be at least two Latin words, and the smaller share must be at least a quarter, an English word
  /// counting as two Chinese characters.
  init(of text: NormalisedText) {
    let signs = text.signs
    let simplified = signs[Int(ScriptSign.hanSimplified.rawValue)]
    let traditional = signs[Int(ScriptSign.hanTraditional.rawValue)]
    let han = signs[Int(ScriptSign.han.rawValue)] + simplified + traditional
    let latin = signs[Int(ScriptSign.latin.rawValue)]
    let other = signs[Int(ScriptSign.otherLetter.rawValue)]
    guard han + latin + other > 0 else {
      self = .undetermined
      return
    }
    // Kana among Chinese characters is Japanese; a single foreign letter among many others is decoration.
    if other * 4 > han + latin {
      self = .other
      return
    }
    let englishWeight = Double(latin) / Self.lettersPerWord * Self.hanPerWord
    let chineseWeight = Double(han)
    let smallerShare = min(englishWeight, chineseWeight) / (englishWeight + chineseWeight)
    if smallerShare >= Self.mixedShare && Self.latinWords(of: text) > 1 && han > 1 {
      self = .mixed
    } else if englishWeight > chineseWeight {
      self = .english
    } else {
      self = traditional > simplified ? .traditionalChinese : .simplifiedChinese
    }
  }

  /// Counts runs of two or more non-Chinese letters or digits; used only if the shares are ambiguous.
  private static func latinWords(of text: NormalisedText) -> Int {
    var words = 0
    var length = 0
    for kind in text.kinds {
      length = kind == ScalarKind.word.rawValue ? length + 1 : 0
      if length == 2 {
        words += 1
      }
    }
    return words
  }

  private static let lettersPerWord = 4.7
  private static let hanPerWord = 2.0
  private static let mixedShare = 0.25
}

extension MessageLanguage {
  /// Detects the language of a raw text.
  public init(of text: String) {
    self.init(of: Normaliser().normalise(text))
  }
}
