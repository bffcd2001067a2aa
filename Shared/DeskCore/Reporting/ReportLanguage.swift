/// The language of a report's table or picture.
public enum ReportLanguage: String, Sendable, Hashable, CaseIterable {
  case english = "en"
  case chinese = "zh"
}

/// The format of a report as a file.
public enum ReportFormat: String, Sendable, Hashable, CaseIterable {
  case json, csv, svg

  /// Its media type.
  public var mediaType: String {
    switch self {
    case .json: "application/json"
    case .csv: "text/csv"
    case .svg: "image/svg+xml"
    }
  }
}
