extension HTTPProblem {
  /// The schema of the body (RFC 9457).
  /// - Parameter members: further members.
  public static func schema(adding members: [JSONSchema.Property] = []) -> JSONSchema {
    .object(
      [
        .required("type", .string(.none, format: "uri-reference")), .required("title", .string),
        .required("status", .integer), .optional("detail", .string), .optional("instance", .string),
        .optional("says", sentence.described("The code and the values of `detail`, for readers of other languages.")),
        .optional(
          "errors",
          .array(
            of: .object([
              .required("field", .string), .optional("value", .string), .required("detail", .string),
              .optional("remedy", .string), .optional("says", sentence.described("The same for this `detail`.")),
              .optional("remedy_says", sentence.described("The same for `remedy`.")),
            ]))),
      ] + members)
  }

  /// The schema of a sentence as its code and its values. Codes are kept when a sentence is worded differently.
  public static let sentence = JSONSchema.object([.required("code", .string), .required("values", .anyObject)])
}
