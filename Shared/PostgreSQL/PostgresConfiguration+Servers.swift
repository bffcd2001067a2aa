extension PostgresConfiguration {
  /// One configuration for each server of the list of hosts, in its order: what is measured on one server's connections says nothing about
  /// another's. A configuration that names no host is one server.
  ///
  /// libpq splits `host`, `hostaddr` and `port` at commas; one port is for all hosts. Lists whose lengths do not fit, which libpq refuses,
  /// are left as they are.
  public var servers: [PostgresConfiguration] {
    func list(_ keyword: String) -> [Substring] {
      self[keyword]?.split(separator: ",", omittingEmptySubsequences: false) ?? []
    }
    let (hosts, addresses, ports) = (list("host"), list("hostaddr"), list("port"))
    let count = max(hosts.count, addresses.count)
    guard count > 1, [0, count].contains(hosts.count), [0, count].contains(addresses.count),
      [0, 1, count].contains(ports.count)
    else { return [self] }
    return (0..<count).map { index in
      var server = self
      if !hosts.isEmpty { server["host"] = String(hosts[index]) }
      if !addresses.isEmpty { server["hostaddr"] = String(addresses[index]) }
      if ports.count > 1 { server["port"] = String(ports[index]) }
      return server
    }
  }
}
