// SPDX-License-Identifier: Apache-2.0

import Foundation
import TraceContext

enum TraceTimes {
    /// How long it takes to read a `traceparent` and a `tracestate` of four members, in nanoseconds of the median of
    /// batches.
    static func nanoseconds() -> Double {
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let state = "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE,fw529a3039@dt=FfYg,es=s:0.5;p:8"
        let count = 10_000
        let times = (0..<51).map { _ in
            let begin = DispatchTime.now().uptimeNanoseconds
            for _ in 0..<count {
                use(TraceParent.parse(parent))
                use(TraceState(state))
            }
            return Double(DispatchTime.now().uptimeNanoseconds - begin) / Double(count)
        }
        return times.sorted()[times.count / 2]
    }
}
