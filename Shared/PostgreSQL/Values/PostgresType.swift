/// Identifies a PostgreSQL type and its array type by their object identifiers, which are the same in every server.
public struct PostgresType: Hashable, Sendable {
  public let oid: UInt32
  /// 0 when this layer supports none (arrays of arrays).
  public let arrayOID: UInt32

  public init(oid: UInt32, arrayOID: UInt32) {
    self.oid = oid
    self.arrayOID = arrayOID
  }

  public static let bool = PostgresType(oid: 16, arrayOID: 1000)
  public static let bytea = PostgresType(oid: 17, arrayOID: 1001)
  public static let int8 = PostgresType(oid: 20, arrayOID: 1016)
  public static let int2 = PostgresType(oid: 21, arrayOID: 1005)
  public static let int4 = PostgresType(oid: 23, arrayOID: 1007)
  public static let text = PostgresType(oid: 25, arrayOID: 1009)
  public static let json = PostgresType(oid: 114, arrayOID: 199)
  public static let float4 = PostgresType(oid: 700, arrayOID: 1021)
  public static let float8 = PostgresType(oid: 701, arrayOID: 1022)
  public static let timestamptz = PostgresType(oid: 1184, arrayOID: 1185)
  public static let uuid = PostgresType(oid: 2950, arrayOID: 2951)
  public static let jsonb = PostgresType(oid: 3802, arrayOID: 3807)
}

extension PostgresType {
  /// Types whose binary form is their text: text, varchar, bpchar, name, json, unknown; and types that a database
  /// defines itself (enumerations), whose identifiers begin at 16384.
  static func isTextual(_ oid: UInt32) -> Bool {
    switch oid {
    case 19, 25, 114, 705, 1042, 1043: true
    default: oid >= 16_384
    }
  }

  static func isTextualArray(_ oid: UInt32) -> Bool {
    switch oid {
    case 199, 1003, 1009, 1014, 1015: true
    default: oid >= 16_384
    }
  }
}
