// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A file with one secret, such as Kubernetes mounts; it may be replaced at any time.
package struct SecretFile: Sendable, Hashable {
    package let path: String

    private static let maximumByteCount = 4096

    package init(path: String) { self.path = path }

    /// Why a secret cannot be had, in words without any of it.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// Reads the secret; one line end behind it does not count. Blocks for as long as reading takes.
    ///
    /// Throws ``Failure`` when the file cannot be read, may be read by everyone, is empty or holds more than 4 KiB.
    package func read() throws(Failure) -> String {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            let file = FileHandle(forReadingAtPath: path)
        else { throw Failure(description: "\(path) cannot be read: give the path of a file") }
        if status.st_mode & 0o007 != 0 {
            throw Failure(description: "\(path) can be read or written by everyone: 'chmod o-rwx' it")
        }
        let content = (try? file.read(upToCount: Self.maximumByteCount + 1)) ?? Data()
        var bytes = Array(content)
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        let text = String(decoding: bytes, as: UTF8.self)
        guard !text.isEmpty, content.count <= Self.maximumByteCount else {
            throw Failure(description: "\(path) must hold a secret of 1 to \(Self.maximumByteCount) bytes")
        }
        return text
    }
}
