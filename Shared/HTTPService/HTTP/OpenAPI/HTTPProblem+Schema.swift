extension HTTPProblem {
  /// The schema of the body (RFC 9457).
  /// - Parameter members: further members.
  public static func schema(adding members: [JSONSchema.Property] = []) -> JSONSchema {
    .object(
      [
        .required("type", .string(.none, format: "uri-reference")), .required("title", .string),
        .required("status", .integer), .optional("detail", .string), .optional("instance", .string),
        .optional(
          "errors",
          .array(
            of: .object([
              .required("field", .string), .optional("value", .string), .required("detail", .string),
              .optional("remedy", .string),
            ]))),
      ] + members)
  }
}
