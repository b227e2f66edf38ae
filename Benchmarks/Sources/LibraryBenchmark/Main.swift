// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Measures the libraries beside their peers, in turns, and prints ratios.
///
/// usage: LibraryBenchmark             every comparison; exits with 1 when a bar is missed
///        LibraryBenchmark scrapes N   the time of writing 5,000 samples, N times
///        LibraryBenchmark trace       the time of reading trace headers
@main
enum Main {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        if arguments.first == "scrapes" {
            MetricComparisons.printScrapes(arguments.dropFirst().first.flatMap { Int($0) } ?? 100)
            return
        }
        if arguments.first == "trace" {
            print(TraceTimes.nanoseconds())
            return
        }
        var areAllWithin = true
        for comparison in try await TokenComparisons.all() + LimiterComparisons.all() + MetricComparisons.all() {
            let isWithin = try await comparison.run()
            areAllWithin = areAllWithin && isWithin
        }
        let isSteady = TokenComparisons.tellTiming()
        let isBounded = LimiterComparisons.tellMemory()
        exit(areAllWithin && isSteady && isBounded ? 0 : 1)
    }
}
