extension String {
  /// Whether this text shows nothing to a reader: it is empty, or consists only of white space, control characters, code points that
  /// Unicode tells renderers to ignore (U+200B, U+FEFF, U+3164, variation selectors, tags and so on) or blank braille cells.
  ///
  /// Every required text field is checked with this rule, at every entry point.
  public var isBlank: Bool { unicodeScalars.allSatisfy { !$0.isVisible } }
}

extension Unicode.Scalar {
  /// Whether it is visible by itself. Format characters that have a glyph, such as U+0600, are visible; so are combining marks.
  fileprivate var isVisible: Bool {
    // Most texts start with visible, plain ASCII.
    if value < 0x80 { return value > 0x20 && value < 0x7F }
    switch value {
    // A braille cell without dots, and the interlinear annotation characters: neither white space nor ignorable, yet nothing is shown.
    case 0x2800, 0xFFF9...0xFFFB: return false
    default: break
    }
    let properties = properties
    return !properties.isWhitespace && !properties.isDefaultIgnorableCodePoint && !properties.isNoncharacterCodePoint
      && properties.generalCategory != .control
  }
}
