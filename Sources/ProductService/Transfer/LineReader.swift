// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Reads a file or standard input line by line, in memory that does not grow with the file.
///
/// Reading blocks the calling thread: for commands that do nothing else meanwhile.
struct LineReader {
    /// A line: its number from 1, and its bytes, or nil when it is longer than ``maximumLength``.
    struct Line {
        let number: Int
        let bytes: [UInt8]?
    }

    /// The longest line that is read, in bytes.
    static let maximumLength = 64 * 1024

    private let handle: FileHandle
    private var chunk: ArraySlice<UInt8> = []
    private var lineNumber = 0
    private var isAtEnd = false

    private static let chunkLength = 64 * 1024

    /// Opens a file, or standard input for `-`. Nil when there is no such file that may be read.
    init?(path: String) {
        guard let handle = path == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: path) else {
            return nil
        }
        self.handle = handle
    }

    /// Returns the next line, without its end; nil at the end of the file. Throws when reading fails.
    mutating func next() throws -> Line? {
        var bytes: [UInt8]? = []
        var isEmpty = true
        while true {
            if chunk.isEmpty { try readChunk() }
            if isAtEnd, chunk.isEmpty {
                if isEmpty { return nil }
                break
            }
            isEmpty = false
            let part = chunk.prefix { $0 != UInt8(ascii: "\n") }
            bytes?.append(contentsOf: part)
            if let count = bytes?.count, count > Self.maximumLength { bytes = nil }
            chunk = chunk.dropFirst(part.count)
            if chunk.popFirst() != nil { break }
        }
        lineNumber += 1
        return Line(number: lineNumber, bytes: bytes)
    }

    private mutating func readChunk() throws {
        let data = try handle.read(upToCount: Self.chunkLength) ?? Data()
        isAtEnd = data.isEmpty
        chunk = Array(data)[...]
    }
}
