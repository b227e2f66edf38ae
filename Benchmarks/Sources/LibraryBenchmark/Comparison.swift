// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Something, and a peer that it is measured beside, in turns.
struct Comparison {
    let name: String
    let peerName: String
    /// How many times the peer's time it may take.
    let bar: Double
    var mostAllocations: Double?
    /// Does the peer's work so many times.
    let peer: (Int) async throws -> Void
    /// Does the work so many times.
    let subject: (Int) async throws -> Void

    private static let roundCount = 21
    private static let batchTime = 0.01

    /// Measures both in turns, prints the median of the ratios, and returns whether it is within the bar.
    func run() async throws -> Bool {
        let peerCount = try await Self.calibrate(peer)
        let subjectCount = try await Self.calibrate(subject)
        var ratios: [Double] = []
        var times: [(peer: Double, subject: Double)] = []
        for _ in 0..<Self.roundCount {
            let peerTime = try await Self.time(peer, peerCount) / Double(peerCount)
            let subjectTime = try await Self.time(subject, subjectCount) / Double(subjectCount)
            ratios.append(subjectTime / peerTime)
            times.append((peerTime, subjectTime))
        }
        ratios.sort()
        let ratio = ratios[ratios.count / 2]
        let peerTime = times.map(\.peer).sorted()[times.count / 2]
        let subjectTime = times.map(\.subject).sorted()[times.count / 2]
        var isWithin = ratio <= bar
        var text = String(
            format: "%@: %.2f of %@ (at most %.2f) [%.0f ns, %.0f ns]", name, ratio, peerName, bar, subjectTime * 1e9,
            peerTime * 1e9)
        if let allocations = try await Self.allocations(of: subject, subjectCount) {
            text += String(format: "; %.2f allocations", allocations)
            if let mostAllocations {
                text += String(format: " (at most %.0f)", mostAllocations)
                isWithin = isWithin && allocations <= mostAllocations + 0.01
            }
        }
        print(isWithin ? text : "\(text) MISSED")
        return isWithin
    }

    /// How often work is done in about the time of a batch.
    private static func calibrate(_ work: (Int) async throws -> Void) async throws -> Int {
        var count = 1
        while true {
            let time = try await time(work, count)
            if time >= batchTime || count >= 1 << 26 { return count }
            count = max(count * 2, min(count * 100, Int(Double(count) * batchTime / max(time, 1e-9))))
        }
    }

    private static func time(_ work: (Int) async throws -> Void, _ count: Int) async throws -> Double {
        let begin = ContinuousClock.now
        try await work(count)
        return (ContinuousClock.now - begin) / .seconds(1)
    }

    /// How often memory was allocated each time; nil unless the counter is preloaded.
    private static func allocations(of work: (Int) async throws -> Void, _ count: Int) async throws -> Double? {
        guard let symbol = dlsym(nil, "allocation_count") else { return nil }
        let read = unsafeBitCast(symbol, to: (@convention(c) () -> UInt).self)
        let before = read()
        try await work(count)
        return Double(read() - before) / Double(count)
    }
}

/// Keeps the optimiser from leaving work out whose result nobody wants.
@inline(never)
func use<Value>(_ value: Value) {}
