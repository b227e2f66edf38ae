// SPDX-License-Identifier: Apache-2.0

import CSHA256

/// The hash value of SHA-256 between two blocks, and the compression function that carries it on.
///
/// Source: FIPS 180-4, sections 5.1.1, 5.3.3 and 6.2.2.
struct SHA256State: Sendable {
    /// The eight words of the hash value. Until the first block: the first 32 bits of the fractional parts of the
    /// square roots of the first eight primes (section 5.3.3).
    private(set) var words = SIMD8<UInt32>(
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19)
    private let usesInstructions: Bool

    static let blockByteCount = 64

    private static let hasInstructions = csha256_is_supported()

    init(_ implementation: SHA256.Implementation) {
        usesInstructions = implementation == .fastest && Self.hasInstructions
    }

    /// Runs the compression function over whole blocks.
    ///
    /// - Parameter blocks: A multiple of 64 bytes.
    mutating func compress(_ blocks: UnsafeRawBufferPointer) {
        guard let start = blocks.baseAddress else { return }
        if usesInstructions {
            withUnsafeMutableBytes(of: &words) { words in
                // Eight words, aligned as SIMD8 is: what the C function reads and writes.
                csha256_compress(
                    words.baseAddress?.assumingMemoryBound(to: UInt32.self),
                    start.assumingMemoryBound(to: UInt8.self), blocks.count / Self.blockByteCount)
            }
            return
        }
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { schedule in
            Self.roundConstants.withUnsafeBufferPointer { constants in
                for offset in stride(from: 0, to: blocks.count, by: Self.blockByteCount) {
                    compress(start + offset, schedule: schedule, constants: constants)
                }
            }
        }
    }

    /// Appends the padding of section 5.1.1 to the end of a message, a one bit, zeros and the length in bits, and runs
    /// the compression function over it.
    ///
    /// - Parameters:
    ///   - rest: What of the message is left: fewer than 64 bytes.
    ///   - messageByteCount: The length of the whole message.
    mutating func finish(_ rest: UnsafeRawBufferPointer, messageByteCount: UInt64) {
        withUnsafeTemporaryAllocation(byteCount: 2 * Self.blockByteCount, alignment: 16) { last in
            let byteCount = rest.count < Self.blockByteCount - 8 ? Self.blockByteCount : 2 * Self.blockByteCount
            last.copyMemory(from: rest)
            last[rest.count] = 0x80
            for index in (rest.count + 1)..<(byteCount - 8) { last[index] = 0 }
            last.storeBytes(of: (messageByteCount &* 8).bigEndian, toByteOffset: byteCount - 8, as: UInt64.self)
            compress(UnsafeRawBufferPointer(rebasing: last[..<byteCount]))
        }
    }

    /// The words as the digest has them, most significant byte first.
    func withDigestBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        var bigEndian = words
        for index in 0..<8 { bigEndian[index] = words[index].bigEndian }
        return withUnsafeBytes(of: bigEndian, body)
    }

    var digest: [UInt8] { withDigestBytes { Array($0) } }

    // MARK: - In Swift

    private mutating func compress(
        _ block: UnsafeRawPointer, schedule: UnsafeMutableBufferPointer<UInt32>,
        constants: UnsafeBufferPointer<UInt32>
    ) {
        for index in 0..<16 {
            schedule[index] = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self))
        }
        for index in 16..<64 {
            let (near, far) = (schedule[index - 2], schedule[index - 15])
            let sigma0 = far.rotatedRight(7) ^ far.rotatedRight(18) ^ (far >> 3)
            let sigma1 = near.rotatedRight(17) ^ near.rotatedRight(19) ^ (near >> 10)
            schedule[index] = schedule[index - 16] &+ sigma0 &+ schedule[index - 7] &+ sigma1
        }
        var (a, b, c, d) = (words[0], words[1], words[2], words[3])
        var (e, f, g, h) = (words[4], words[5], words[6], words[7])
        // Eight rounds at a time, each writing two of the words, so that none has to be moved on to the next.
        for round in stride(from: 0, to: 64, by: 8) {
            func input(_ offset: Int) -> UInt32 { constants[round + offset] &+ schedule[round + offset] }
            Self.round(a, b, c, &d, e, f, g, &h, input(0))
            Self.round(h, a, b, &c, d, e, f, &g, input(1))
            Self.round(g, h, a, &b, c, d, e, &f, input(2))
            Self.round(f, g, h, &a, b, c, d, &e, input(3))
            Self.round(e, f, g, &h, a, b, c, &d, input(4))
            Self.round(d, e, f, &g, h, a, b, &c, input(5))
            Self.round(c, d, e, &f, g, h, a, &b, input(6))
            Self.round(b, c, d, &e, f, g, h, &a, input(7))
        }
        words &+= SIMD8(a, b, c, d, e, f, g, h)
    }

    /// One round: the new `a` is left in `h`, the new `e` in `d`.
    @inline(__always)
    private static func round(
        _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: inout UInt32, _ e: UInt32, _ f: UInt32, _ g: UInt32,
        _ h: inout UInt32, _ input: UInt32
    ) {
        let sum1 = e.rotatedRight(6) ^ e.rotatedRight(11) ^ e.rotatedRight(25)
        let choice = g ^ (e & (f ^ g))
        let first = h &+ sum1 &+ choice &+ input
        let sum0 = a.rotatedRight(2) ^ a.rotatedRight(13) ^ a.rotatedRight(22)
        let majority = (a & b) | (c & (a | b))
        d &+= first
        h = first &+ sum0 &+ majority
    }

    /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes (section 4.2.2).
    private static let roundConstants: [UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
        0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
        0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
        0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
        0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ]
}

extension UInt32 {
    fileprivate func rotatedRight(_ count: UInt32) -> UInt32 { self &>> count | self &<< (32 &- count) }
}
