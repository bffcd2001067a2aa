/// Texts that look alike or are equal in Swift, but have different bytes in PostgreSQL.
public enum NormalForms {
  /// Families of texts; no two texts have the same bytes. Those of most families are canonically equivalent.
  public static let families: [[String]] = [
    // Composed and decomposed.
    ["\u{E9}", "e\u{301}"],
    // Two marks, partly composed and in either order.
    ["\u{1EAD}", "a\u{323}\u{302}", "a\u{302}\u{323}", "\u{E2}\u{323}", "\u{1EA1}\u{302}"],
    // Marks for which there is no composed character, reordered.
    ["q\u{307}\u{323}", "q\u{323}\u{307}"],
    // A mark that decomposes into two.
    ["\u{344}", "\u{308}\u{301}"],
    // Hangul: a syllable, its jamo, a syllable and a jamo.
    ["\u{AC01}", "\u{1100}\u{1161}\u{11A8}", "\u{AC00}\u{11A8}"],
    // Singletons, of which some are ASCII.
    ["\u{C5}", "A\u{30A}", "\u{212B}"], ["K", "\u{212A}"], [";", "\u{37E}"], ["`", "\u{1FEF}"],
    // A compatibility ideograph that is canonically a common one.
    ["\u{8C48}", "\u{F900}"],
    // A composed character that normalisation never makes.
    ["\u{958}", "\u{915}\u{93C}"],
    // Compatibility forms, which are equal only after folding.
    ["\u{FB01}", "fi"], ["\u{FF11}", "1", "\u{2460}"], ["\u{FF76}", "\u{30AB}"],
    // Separators and quotes with a mark on them.
    [",", ",\u{301}"], ["/", "/\u{301}"], ["\u{22}", "\u{22}\u{301}"],
    // Invisible differences.
    ["a", "a\u{200B}", "a\u{FE0F}", "a\u{FEFF}"],
  ]

  /// All of them.
  public static let texts = families.flatMap(\.self)
}
