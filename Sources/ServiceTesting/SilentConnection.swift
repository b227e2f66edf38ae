// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A TCP connection that sends and never reads, so that what it is sent piles up at the server.
package final class SilentConnection: Sendable {
    package enum Failure: Error {
        case system(errno: Int32)
    }

    private let descriptor: Int32

    package init(to port: Int) throws {
        #if os(Linux)
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
        descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var size: Int32 = 1024
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                connect(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if descriptor < 0 || connected != 0 { throw Failure.system(errno: errno) }
    }

    package func send(_ text: String) throws {
        let bytes = Array(text.utf8)
        if Foundation.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) != bytes.count {
            throw Failure.system(errno: errno)
        }
    }

    package func close() { _ = Foundation.close(descriptor) }
}
