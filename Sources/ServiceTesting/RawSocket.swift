// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A TCP connection as the system gives it, for clients that behave in ways no library would. Blocking: to be used for
/// short exchanges with a server on this machine. Thread-safe as long as one thread at a time uses it.
package final class RawSocket: Sendable {
    package enum Failure: Error {
        case system(errno: Int32)
        /// The server had not closed when the time was up.
        case deadline
    }

    package let descriptor: Int32

    /// - Parameters:
    ///   - source: The address to connect from, when not the system's choice: many connections need several.
    ///   - receiveBuffer: How many bytes the system takes in for this side, when not its own choice.
    package init(to port: Int, from source: String? = nil, receiveBuffer: Int32? = nil) throws {
        #if os(Linux)
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        #else
        descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        if descriptor < 0 { throw Failure.system(errno: errno) }
        if let receiveBuffer { set(SOL_SOCKET, SO_RCVBUF, receiveBuffer) }
        set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        if let source {
            var address = Self.address(source, port: 0)
            if withUnsafeSocketAddress(&address, bind) != 0 { throw Failure.system(errno: errno) }
        }
        var address = Self.address("127.0.0.1", port: port)
        if withUnsafeSocketAddress(&address, connect) != 0 { throw Failure.system(errno: errno) }
    }

    deinit { _ = Foundation.close(descriptor) }

    /// Sends all of the bytes. Returns false when the server has closed.
    @discardableResult
    package func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Sends as much as the system takes at once. Returns how many bytes.
    package func sendWithoutWaiting(_ bytes: [UInt8]) -> Int {
        bytes.withUnsafeBytes {
            max(0, Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)))
        }
    }

    @discardableResult
    package func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Ends this side's half of the connection.
    package func shutdownOutput() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Reads until the server closes, and returns what came. A reset counts as a close.
    package func receiveToEnd(within limit: Duration = .seconds(20)) throws -> [UInt8] {
        let deadline = ContinuousClock.now + limit
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16384)
        while true {
            let left = (deadline - .now) / .milliseconds(1)
            var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard left > 0, poll(&event, 1, Int32(left)) > 0 else { throw Failure.deadline }
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count <= 0 { return received }
            received += buffer[..<count]
        }
    }

    /// Whether the server has closed or reset the connection. Reads nothing but what has come before that.
    package var isClosedByServer: Bool {
        var byte: UInt8 = 0
        while true {
            let count = recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT))
            if count > 0 { continue }
            return count == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)
        }
    }

    /// Whether something has come that is not read yet.
    package var hasBytes: Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT) | Int32(MSG_PEEK)) > 0
    }

    /// Closes with a reset.
    package func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        // The descriptor itself is closed with the value; a connection to nowhere takes its place at once.
        let placeholder = open("/dev/null", O_RDONLY | O_CLOEXEC)
        dup2(placeholder, descriptor)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = Foundation.close(placeholder)
    }

    private func set(_ level: Int32, _ name: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func address(_ host: String, port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr(host)
        return address
    }

    private func withUnsafeSocketAddress(
        _ address: inout sockaddr_in, _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
