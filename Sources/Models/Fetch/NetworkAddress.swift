// Which addresses are the public network's. Everything else (this machine, its neighbours, its provider's own services,
// ranges that are reserved or that carry another address inside) is refused to whoever follows an address from outside:
// https://www.iana.org/assignments/iana-ipv4-special-registry and …/iana-ipv6-special-registry
// Invariant: what is not known to be public is not public.

#if canImport(Glibc)
  import Glibc
#endif

enum NetworkAddress: Equatable {
  case v4([UInt8])
  case v6([UInt8])

  /// From the bytes of a sockaddr_in or sockaddr_in6; nil for any other family.
  init?(family: Int32, socketAddress bytes: [UInt8]) {
    if family == AF_INET, bytes.count >= 8 {
      self = .v4(Array(bytes[4..<8]))
    } else if family == AF_INET6, bytes.count >= 24 {
      self = .v6(Array(bytes[8..<24]))
    } else {
      return nil
    }
  }

  var isPublic: Bool {
    switch self {
    case .v4(let bytes): Self.isPublic(v4: bytes)
    case .v6(let bytes): Self.isPublic(v6: bytes)
    }
  }

  private static let reservedV4: [(base: [UInt8], bits: Int)] = [
    ([0, 0, 0, 0], 8), ([10, 0, 0, 0], 8), ([100, 64, 0, 0], 10), ([127, 0, 0, 0], 8), ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12), ([192, 0, 0, 0], 24), ([192, 0, 2, 0], 24), ([192, 31, 196, 0], 24),
    ([192, 52, 193, 0], 24), ([192, 88, 99, 0], 24), ([192, 168, 0, 0], 16), ([192, 175, 48, 0], 24),
    ([198, 18, 0, 0], 15), ([198, 51, 100, 0], 24), ([203, 0, 113, 0], 24), ([224, 0, 0, 0], 3),
  ]

  /// Parts of 2000::/3, which alone is given out to the public.
  private static let reservedV6: [(base: [UInt8], bits: Int)] = [
    // Teredo, benchmarks, ORCHID and their neighbours; documentation; 6to4, which carries an IPv4 address.
    ([0x20, 0x01, 0x00], 23), ([0x20, 0x01, 0x0D, 0xB8], 32), ([0x20, 0x02], 16), ([0x3F, 0xFF, 0x00], 20),
    ([0x26, 0x20, 0x00, 0x4F, 0x80, 0x00], 48),
  ]

  private static func isPublic(v4 bytes: [UInt8]) -> Bool {
    bytes.count == 4 && !reservedV4.contains { matches(bytes, $0.base, bits: $0.bits) }
  }

  private static func isPublic(v6 bytes: [UInt8]) -> Bool {
    bytes.count == 16 && bytes[0] & 0xE0 == 0x20 && !reservedV6.contains { matches(bytes, $0.base, bits: $0.bits) }
  }

  private static func matches(_ bytes: [UInt8], _ base: [UInt8], bits: Int) -> Bool {
    for place in 0..<bits {
      let mask = UInt8(0x80) >> UInt8(place & 7)
      if bytes[place / 8] & mask != base[place / 8] & mask { return false }
    }
    return true
  }
}
