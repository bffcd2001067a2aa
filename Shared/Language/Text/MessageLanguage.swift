internal import DeskCore

/// The language of a message, as far as its writing tells.
public enum MessageLanguage: String, Sendable, CaseIterable {
  case simplifiedChinese = "zh-Hans"
  case traditionalChinese = "zh-Hant"
  case english = "en"
  /// Chinese and English in one message, each more than a word or a character.
  case mixed
  /// A writing that is neither.
  case other
  /// Nothing but digits, signs or emoji.
  case undetermined = "und"

  /// Judges by what the characters were before they were folded. A Latin name or product code inside a Chinese message
  /// does not make it mixed: there must be two Latin words at least, and the share of the smaller must be at least a
  /// quarter, an English word counting as two Chinese characters.
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
    // Kana between Chinese characters is Japanese; a single foreign letter among many others is decoration.
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

  /// Runs of two and more letters or digits that are not Chinese; only asked where the shares leave a doubt.
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
  /// The language of a text on its own.
  public init(of text: String) {
    self.init(of: Normaliser().normalise(text))
  }
}
