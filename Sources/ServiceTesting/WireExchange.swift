// SPDX-License-Identifier: Apache-2.0

/// Bytes sent to a server over a connection of their own, whole and in pieces, and what comes back until it closes.
package struct WireExchange: Sendable {
    package let port: Int

    package init(port: Int) { self.port = port }

    /// Sends the bytes and reads until the server closes.
    ///
    /// - Parameter endsHalf: Whether the client ends its half behind the bytes.
    package func send(_ bytes: [UInt8], endsHalf: Bool = false) throws -> [UInt8] {
        let socket = try RawSocket(to: port)
        socket.send(bytes)
        if endsHalf { socket.shutdownOutput() }
        return try socket.receiveToEnd()
    }

    /// Sends the bytes once for each place they can be split at, in two pieces of which the second follows when the
    /// server has seen the first; and once byte by byte. Returns what came back each time.
    package func sendSplit(_ bytes: [UInt8], endsHalf: Bool = false) async throws -> [(split: Int, answer: [UInt8])] {
        var answers: [(split: Int, answer: [UInt8])] = []
        for start in stride(from: 1, to: bytes.count, by: 200) {
            let splits = start..<min(start + 200, bytes.count)
            let sockets = try splits.map { split in
                let socket = try RawSocket(to: port)
                socket.send(Array(bytes[..<split]))
                return socket
            }
            // Both pieces must not come out of one read.
            try await Task.sleep(for: .milliseconds(30))
            for (split, socket) in zip(splits, sockets) {
                socket.send(Array(bytes[split...]))
                if endsHalf { socket.shutdownOutput() }
            }
            for (split, socket) in zip(splits, sockets) { answers.append((split, try socket.receiveToEnd())) }
        }
        return answers
    }
}
