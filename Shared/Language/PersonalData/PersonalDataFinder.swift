/// Finds what identifies a person or opens an account in a text: mail addresses, telephone numbers, payment cards (issuer and Luhn's
/// check) and Chinese identity numbers (ISO 7064 check character).
///
/// Texts are read as people see them: width, case and accents do not matter, nor do invisible characters inside a number. Numbers that
/// stand beside each other are judged in every combination of neighbouring groups, and those that together cover the most are taken.
/// Numbers that merely are long, such as those of orders and parcels, do not pass the checks and stay readable. It is written to
/// miss little: a number that passes a check by chance is masked too.
///
/// The work is proportional to the length of the text, whatever it holds.
public struct PersonalDataFinder: Sendable {
  public init() {}

  /// What was found, in the order of the text, never overlapping.
  public func find(in text: String) -> [PersonalDatum] {
    var steps = 0
    return find(in: text, steps: &steps)
  }

  /// - Parameter steps: counts the scalars, digits and combinations that were looked at.
  func find(in text: String, steps: inout Int) -> [PersonalDatum] {
    let plain = PlainText(text)
    steps += plain.scalars.count
    // Most messages hold neither, and are looked at no further.
    guard plain.holdsAt || plain.digits >= NumberSearch.digitsAtLeast else { return [] }
    var found = plain.holdsAt ? MailSearch(plain).run(steps: &steps) : []
    if plain.digits >= NumberSearch.digitsAtLeast {
      found += NumberSearch(plain, mails: found.map(\.range)).run(steps: &steps)
      found.sort { $0.range.lowerBound < $1.range.lowerBound }
    }
    return found.map { PersonalDatum(kind: $0.kind, range: plain.origin(of: $0.range)) }
  }

  /// The text with everything found replaced by the name of its kind in square brackets. Masking it again changes nothing.
  public func mask(_ text: String) -> String {
    let found = find(in: text)
    if found.isEmpty { return text }
    let scalars = Array(text.unicodeScalars)
    var result = String.UnicodeScalarView()
    var position = 0
    for datum in found {
      result.append(contentsOf: scalars[position..<datum.range.lowerBound])
      result.append(contentsOf: "[\(datum.kind.rawValue)]".unicodeScalars)
      position = datum.range.upperBound
    }
    result.append(contentsOf: scalars[position...])
    return String(result)
  }
}

/// Something personal in a text.
public struct PersonalDatum: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable {
    case phone, mail, card
    case identityNumber = "identity number"
  }

  public let kind: Kind
  /// Where it is, in Unicode scalars.
  public let range: Range<Int>
}
