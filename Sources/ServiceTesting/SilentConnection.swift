// SPDX-License-Identifier: Apache-2.0

/// A TCP connection that sends and never reads, so that what it is sent piles up at the server.
package final class SilentConnection: Sendable {
    package enum Failure: Error {
        case closed
    }

    private let socket: RawSocket

    package init(to port: Int) throws { socket = try RawSocket(to: port, receiveBuffer: 1024) }

    package func send(_ text: String) throws {
        if !socket.send(text) { throw Failure.closed }
    }

    package func close() { socket.reset() }
}
