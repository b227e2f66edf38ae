// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Ports for servers that cannot tell which one they have taken.
package enum FreePort {
    /// A port nobody listened on a moment ago.
    package static func next() throws -> Int {
        #if os(Linux)
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
        let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 ? getsockname(descriptor, address, &length) : -1
            }
        }
        if result != 0 { throw RawSocket.Failure.system(errno: errno) }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
