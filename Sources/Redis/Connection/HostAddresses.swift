// SPDX-License-Identifier: Apache-2.0

import NIOCore

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Asks the system for the addresses of a host. Blocks for as long as that takes.
enum HostAddresses {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// All addresses, in the order in which they are to be tried (RFC 6724).
    static func of(_ host: String, port: Int) throws -> [SocketAddress] {
        if let address = try? SocketAddress(ipAddress: host, port: port) { return [address] }
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        #if canImport(Glibc)
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
        hints.ai_socktype = SOCK_STREAM
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else { throw Failure(description: String(cString: gai_strerror(code))) }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee {
            if let pointer = entry.ai_addr { addresses.append(contentsOf: address(at: pointer, of: entry.ai_family)) }
            next = entry.ai_next
        }
        guard !addresses.isEmpty else { throw Failure(description: "it has none") }
        return addresses
    }

    private static func address(at pointer: UnsafeMutablePointer<sockaddr>, of family: Int32) -> [SocketAddress] {
        switch family {
        case AF_INET: pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { [SocketAddress($0.pointee)] }
        case AF_INET6: pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { [SocketAddress($0.pointee)] }
        default: []
        }
    }
}
