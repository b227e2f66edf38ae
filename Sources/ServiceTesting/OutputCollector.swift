// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Collects what a process writes.
final class OutputCollector: Sendable {
    let standardOutput = Pipe()
    let standardError = Pipe()
    private let bytes = Mutex<(output: [UInt8], all: [UInt8])>(([], []))

    init() {
        standardOutput.fileHandleForReading.readabilityHandler = { [weak self] handle in
            let data = handle.availableData
            self?.bytes.withLock {
                $0.output += data
                $0.all += data
            }
        }
        standardError.fileHandleForReading.readabilityHandler = { [weak self] handle in
            let data = handle.availableData
            self?.bytes.withLock { $0.all += data }
        }
    }

    var text: String { bytes.withLock { String(decoding: $0.all, as: UTF8.self) } }
    var standardOutputBytes: [UInt8] { bytes.withLock { $0.output } }

    /// Reads what is left once the process has ended.
    func finish() {
        standardOutput.fileHandleForReading.readabilityHandler = nil
        standardError.fileHandleForReading.readabilityHandler = nil
        let output = standardOutput.fileHandleForReading.availableDataToEnd
        let error = standardError.fileHandleForReading.availableDataToEnd
        bytes.withLock {
            $0.output += output
            $0.all += output + error
        }
    }
}

extension FileHandle {
    fileprivate var availableDataToEnd: Data { (try? readToEnd()) ?? Data() }
}
