/// Finds data that identifies a person or gives access to an account: mail addresses, telephone numbers, payment cards (issuer and
/// Luhn check) and Chinese identity numbers (ISO 7064 check character).
///
/// Texts are read as people see them: width, case and accents do not matter, nor do invisible characters inside a number. Adjacent
/// numbers are evaluated in every combination of neighbouring groups, and the combination that covers the most digits is taken.
/// Numbers that are merely long, such as order and parcel numbers, do not pass the checks and stay readable. Recall takes
/// precedence: a number that passes a check by chance is masked too.
///
/// The work is proportional to the length of the text, whatever its content.
public struct PersonalDataFinder: Sendable {
  public init() {}

  /// Returns the matches in text order, never overlapping.
  public func find(in text: String) -> [PersonalDatum] {
    var steps = 0
    return find(in: text, steps: &steps)
  }

  /// - Parameter steps: counts the scalars, digits and combinations that were examined.
  func find(in text: String, steps: inout Int) -> [PersonalDatum] {
    let plain = PlainText(text)
    steps += plain.scalars.count
    // Most messages contain neither and need no further work.
    guard plain.holdsAt || plain.digits >= NumberSearch.digitsAtLeast else { return [] }
    var found = plain.holdsAt ? MailSearch(plain).run(steps: &steps) : []
    if plain.digits >= NumberSearch.digitsAtLeast {
      found += NumberSearch(plain, mails: found.map(\.range)).run(steps: &steps)
      found.sort { $0.range.lowerBound < $1.range.lowerBound }
    }
    return found.map { PersonalDatum(kind: $0.kind, range: plain.origin(of: $0.range)) }
  }

  /// Returns the text with every match replaced by the name of its kind in square brackets. Masking is idempotent.
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

/// A piece of personal data in a text.
public struct PersonalDatum: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable {
    case phone, mail, card
    case identityNumber = "identity number"
  }

  public let kind: Kind
  /// Its range, in Unicode scalars.
  public let range: Range<Int>
}
