// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import Edge

@Suite struct `The ends of header sections` {
    /// Where the sections end when the text comes in these pieces.
    private func ends(_ pieces: [String]) -> [Int] {
        var boundary = HeadBoundary()
        var ends: [Int] = []
        var position = 0
        for piece in pieces {
            var rest = ByteBuffer(string: piece)
            while rest.readableBytes > 0 {
                let (count, isEnd) = boundary.advance(over: rest.readableBytesView)
                rest.moveReaderIndex(forwardBy: count)
                position += count
                if isEnd { ends.append(position) }
            }
        }
        return ends
    }

    @Test(arguments: [
        ("", []), ("a\r\n\r\n", [5]), ("\r\n\r\n\r\n\r\n", [4, 8]), ("\r\r\n\r\n", [5]), ("a\n\n\r\n\n\r\n", []),
        ("GET / HTTP/1.1\r\nA: b\r\n\r\nGET / HTTP/1.1\r\n\r\nrest", [24, 42]), ("\r\n\r\n\r\n", [4]),
    ])
    func `are found wherever the bytes are split`(text: String, expected: [Int]) {
        #expect(ends([text]) == expected)
        for split in text.unicodeScalars.indices {
            #expect(ends([String(text.unicodeScalars[..<split]), String(text.unicodeScalars[split...])]) == expected)
        }
        #expect(ends(text.unicodeScalars.map { String($0) }) == expected)
    }
}
