// SPDX-License-Identifier: Apache-2.0

/// Computes SHA-256 message digests, in one piece or over several updates.
///
/// A value type: copying a hasher copies its state, so that a common prefix is hashed once and continued many times.
/// Messages up to 2^61 - 1 bytes; takes time linear in the message and allocates nothing but the digest it returns.
///
/// Source: FIPS 180-4, sections 5.1.1, 5.3.3 and 6.2.2.
public struct SHA256: Sendable {
    /// The length of a digest, in bytes.
    public static let digestByteCount = 32
    /// The length of the blocks the compression function works on, in bytes.
    public static let blockByteCount = 64

    private var state = initialState
    private var pending: [UInt8] = []
    private var messageByteCount: UInt64 = 0

    /// Creates a hasher of the empty message.
    public init() {
        pending.reserveCapacity(Self.blockByteCount)
    }

    /// Returns the digest of one message: 32 bytes.
    public static func digest(of message: some Sequence<UInt8>) -> [UInt8] {
        var hasher = SHA256()
        hasher.update(message)
        return hasher.finalized()
    }

    /// Appends bytes to the message.
    public mutating func update(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            pending.append(byte)
            messageByteCount += 1
            if pending.count == Self.blockByteCount { compressPending() }
        }
    }

    /// Returns the digest of the message so far: 32 bytes. The hasher itself stays as it is.
    public func finalized() -> [UInt8] {
        var last = self
        last.pad()
        return last.state.flatMap { word in
            [
                UInt8(truncatingIfNeeded: word >> 24), UInt8(truncatingIfNeeded: word >> 16),
                UInt8(truncatingIfNeeded: word >> 8), UInt8(truncatingIfNeeded: word),
            ]
        }
    }

    /// Appends the padding of FIPS 180-4 section 5.1.1: a one bit, zeros, and the length in bits as 64 bits.
    private mutating func pad() {
        let bitCount = messageByteCount &* 8
        pending.append(0x80)
        if pending.count > Self.blockByteCount - 8 {
            pending.append(contentsOf: repeatElement(0, count: Self.blockByteCount - pending.count))
            compressPending()
        }
        pending.append(contentsOf: repeatElement(0, count: Self.blockByteCount - 8 - pending.count))
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            pending.append(UInt8(truncatingIfNeeded: bitCount >> shift))
        }
        compressPending()
    }

    /// Runs the compression function of FIPS 180-4 section 6.2.2 over the one pending block, and empties it.
    private mutating func compressPending() {
        let schedule = Self.messageSchedule(of: pending)
        pending.removeAll(keepingCapacity: true)

        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for round in 0..<64 {
            let sum1 = e.rotatedRight(6) ^ e.rotatedRight(11) ^ e.rotatedRight(25)
            let choice = (e & f) ^ (~e & g)
            let first = h &+ sum1 &+ choice &+ Self.roundConstants[round] &+ schedule[round]
            let sum0 = a.rotatedRight(2) ^ a.rotatedRight(13) ^ a.rotatedRight(22)
            let majority = (a & b) ^ (a & c) ^ (b & c)
            (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ sum0 &+ majority)
        }
        for (index, word) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= word }
    }

    private static func messageSchedule(of block: [UInt8]) -> [UInt32] {
        var schedule = [UInt32](repeating: 0, count: 64)
        for index in 0..<16 {
            let offset = index * 4
            schedule[index] =
                UInt32(block[offset]) << 24 | UInt32(block[offset + 1]) << 16
                | UInt32(block[offset + 2]) << 8 | UInt32(block[offset + 3])
        }
        for index in 16..<64 {
            let (near, far) = (schedule[index - 2], schedule[index - 15])
            let sigma0 = far.rotatedRight(7) ^ far.rotatedRight(18) ^ (far >> 3)
            let sigma1 = near.rotatedRight(17) ^ near.rotatedRight(19) ^ (near >> 10)
            schedule[index] = schedule[index - 16] &+ sigma0 &+ schedule[index - 7] &+ sigma1
        }
        return schedule
    }
}

extension UInt32 {
    fileprivate func rotatedRight(_ count: UInt32) -> UInt32 { self >> count | self << (32 - count) }
}

extension SHA256 {
    /// The first 32 bits of the fractional parts of the square roots of the first eight primes (section 5.3.3).
    private static let initialState: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]

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
