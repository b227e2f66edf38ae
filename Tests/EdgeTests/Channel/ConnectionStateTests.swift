// SPDX-License-Identifier: Apache-2.0

import NIOCore
import ProductsTesting
import Testing

@testable import Edge

@Suite struct `The state of a connection` {
    private let start = NIODeadline.uptimeNanoseconds(0)
    private let timeouts = EdgeTimeouts(EdgeConfiguration())

    private func state() -> ConnectionState { ConnectionState(timeouts: timeouts, now: start) }

    /// A connection with a request under way.
    private func state(bodyByteCount: Int?) -> ConnectionState {
        var state = state()
        state.headerBytesArrived(now: start)
        #expect({ state.headArrived(bodyByteCount: bodyByteCount, now: start) }())
        return state
    }

    @Test func `each step has its own deadline`() {
        var state = state()
        #expect(state.deadline == (.idle, start + .seconds(60)))
        state.headerBytesArrived(now: start + .seconds(1))
        #expect(state.deadline == (.header, start + .seconds(11)))
        state.headerBytesArrived(now: start + .seconds(5))
        #expect(state.deadline == (.header, start + .seconds(11)), "dripping moves nothing")
        #expect({ state.headArrived(bodyByteCount: 10, now: start + .seconds(6)) }())
        #expect(state.deadline == (.body, start + .seconds(36)))
        #expect({ state.bodyArrived(byteCount: 5) }() == .collect)
        #expect(state.deadline == (.body, start + .seconds(36)))
        #expect(!{ state.admitted() }())
        #expect({ state.bodyArrived(byteCount: 5) }() == .collect)
        #expect({ state.endArrived(now: start + .seconds(9)) }())
        #expect(state.deadline == (.request, start + .seconds(14)))
        state.workBegan(now: start + .seconds(9))
        #expect(!{ state.answerBegins(isClientsLast: false, isPersistent: true, mayLackBody: false) }())
        #expect({ state.answerEnded(holdsBytes: false, now: start + .seconds(10)) }() == .continueReading)
        #expect(state.deadline == (.idle, start + .seconds(70)))
        #expect(state.isBetweenRequests)
    }

    @Test func `while an exchange is under way no other begins`() {
        var state = state(bodyByteCount: 0)
        _ = state.admitted()
        #expect({ state.endArrived(now: start) }())
        state.workBegan(now: start)
        #expect(!state.takesBytes)
        #expect(!{ state.headArrived(bodyByteCount: 0, now: start) }())
        _ = state.answerBegins(isClientsLast: false, isPersistent: true, mayLackBody: false)
        state.answerWritten()
        #expect(!state.takesBytes)
        #expect({ state.answerEnded(holdsBytes: true, now: start) }() == .continueReading)
        #expect(state.takesBytes)
    }

    @Test func `an early answer keeps the connection when the rest is short, and told`() {
        for (length, lacks, closes) in [
            (10, false, false), (nil, false, true), (1 << 20, false, true), (10, true, true),
        ] as [(Int?, Bool, Bool)] {
            var state = state(bodyByteCount: length)
            #expect({ state.answerBegins(isClientsLast: false, isPersistent: true, mayLackBody: lacks) }() == closes)
            #expect({ state.answerEnded(holdsBytes: false, now: start) }() == (closes ? .linger : .continueReading))
            if !closes {
                #expect(state.takesBytes)
                #expect({ state.bodyArrived(byteCount: 10) }() == .discard)
                #expect(!{ state.endArrived(now: start) }())
                #expect(state.isBetweenRequests)
            }
        }
    }

    @Test func `of what nobody wants, little is read`() {
        var state = state(bodyByteCount: nil)
        state.refusalBegan()
        #expect({ state.answerBegins(isClientsLast: false, isPersistent: false, mayLackBody: false) }())
        #expect({ state.answerEnded(holdsBytes: false, now: start) }() == .linger)
        #expect(state.deadline.kind == .linger)
        #expect({ state.discarded(byteCount: EdgeConfiguration.discardLimit) }() == .discard)
        #expect({ state.discarded(byteCount: 1) }() == .stopReading)
    }

    @Test func `the end of the client's half cuts a request off, and not an answer`() {
        var idle = state()
        #expect({ idle.clientEnded() }() == .close)
        var header = state()
        header.headerBytesArrived(now: start)
        #expect({ header.clientEnded() }() == .refuse)
        var body = state(bodyByteCount: 10)
        #expect({ body.clientEnded() }() == .refuse)
        var working = state(bodyByteCount: 0)
        _ = working.admitted()
        _ = working.endArrived(now: start)
        working.workBegan(now: start)
        #expect({ working.clientEnded() }() == .finishAnswer)
        #expect({ working.answerBegins(isClientsLast: false, isPersistent: true, mayLackBody: false) }())
        #expect({ working.answerEnded(holdsBytes: false, now: start) }() == .close)
    }

    @Test func `stopping closes what is idle soon, and finishes what is not`() {
        var idle = state()
        idle.quiesce(now: start)
        #expect(idle.deadline == (.idle, start + TimeAmount(EdgeConfiguration.quiesceGrace)))
        #expect(idle.takesBytes, "a request that is on its way is still taken")
        idle.headerBytesArrived(now: start)
        #expect({ idle.headArrived(bodyByteCount: 0, now: start) }())
        #expect(
            { idle.answerBegins(isClientsLast: false, isPersistent: true, mayLackBody: false) }(),
            "and its answer is the last")

        var header = state()
        header.headerBytesArrived(now: start)
        header.quiesce(now: start)
        #expect(header.deadline == (.header, start + TimeAmount(EdgeConfiguration.lingerTimeout)))

        var working = state(bodyByteCount: 0)
        _ = working.admitted()
        _ = working.endArrived(now: start)
        working.workBegan(now: start)
        working.quiesce(now: start)
        #expect(working.deadline.kind == .request)
        #expect({ working.answerBegins(isClientsLast: false, isPersistent: true, mayLackBody: false) }())
    }

    @Test func `bytes are never taken while an answer is owed, whatever happens in whatever order`() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<20_000 {
            var state = state()
            var closes = false
            for _ in 0..<30 {
                let hadClosed = closes
                step(&state, Int.random(in: 0..<12, using: &generator), closes: &closes)
                if hadClosed {
                    #expect(!state.takesBytes, "nothing behind the last answer is looked at")
                    #expect({ !state.headArrived(bodyByteCount: 0, now: start) }())
                }
                if state.answer == .working || state.answer == .streaming { #expect(state.input != .idle) }
                if state.input == .complete || state.input == .closed { #expect(!state.takesBytes) }
                if state.isQuiescing, state.answer == .none, state.input == .idle { #expect(state.closesBehindAnswer) }
            }
        }
    }

    private func step(_ state: inout ConnectionState, _ choice: Int, closes: inout Bool) {
        switch choice {
        case 0: state.headerBytesArrived(now: start)
        case 1: _ = state.headArrived(bodyByteCount: nil, now: start)
        case 2: _ = state.headArrived(bodyByteCount: 0, now: start)
        case 3: _ = state.bodyArrived(byteCount: 1)
        case 4: if state.endArrived(now: start) { state.workBegan(now: start) }
        case 5: if state.answer == .deciding, state.admitted() { state.workBegan(now: start) }
        case 6:
            if state.answer != .none {
                _ = state.answerBegins(isClientsLast: false, isPersistent: true, mayLackBody: false)
            }
        case 7:
            if state.answer != .none, state.answerEnded(holdsBytes: false, now: start) != .continueReading {
                closes = true
            }
        case 8: _ = state.clientEnded()
        case 9: state.quiesce(now: start)
        case 10: if !closes { state.refusalBegan() }
        default: if state.answer == .working { state.partWritten(now: start) }
        }
    }
}
