extension PackageResources { static let m0100_interceptions_sql: [UInt8] = [] }
