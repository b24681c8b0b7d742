// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// Reads the randomness of an earlier block out of its header, whose hash the chain still knows (256 blocks back). So the seed is that of the block
/// that was named in advance, and not of whichever block somebody chooses to ask in.
library Header {
    // The 14th field of a header since the merge: prevrandao, in the place of mixHash (EIP-4399).
    uint256 private constant PREVRANDAO = 13;
    uint256 private constant MOST = 4096; // bytes: headers have some 600

    error UnknownBlock(uint256 number, uint256 now_);
    error WrongHeader(uint256 number, bytes32 found, bytes32 wanted);
    error NotAHeader(uint256 length);

    /// Whether the chain still knows a block's hash, or will.
    function forgotten(uint256 number) internal view returns (bool) {
        return block.number > number + 256;
    }

    /// The prevrandao of a block, by its RLP-encoded header.
    function prevrandao(bytes calldata header, uint256 number) internal view returns (bytes32) {
        bytes32 wanted = blockhash(number);
        if (wanted == 0) revert UnknownBlock(number, block.number);
        bytes32 found = keccak256(header);
        if (found != wanted) revert WrongHeader(number, found, wanted);
        return field(header);
    }

    /// The field itself, of bytes that need not be a header: refused, never read past their end.
    function field(bytes calldata header) internal pure returns (bytes32) {
        uint256 end = header.length;
        if (end < 2 || end > MOST || uint8(header[0]) < 0xc0) revert NotAHeader(end);
        uint256 place = uint8(header[0]) < 0xf8 ? 1 : uint8(header[0]) - 0xf6;
        for (uint256 i = 0; i < PREVRANDAO; i++) {
            if (place >= end) revert NotAHeader(end);
            uint256 b = uint8(header[place]);
            if (b < 0x80) {
                place += 1;
            } else if (b < 0xb8) {
                place += b - 0x7f;
            } else if (b < 0xc0) {
                // The length of the string, in b-0xb7 bytes; four hold more than there can be.
                uint256 n = b - 0xb7;
                if (n > 4 || place + n >= end) revert NotAHeader(end);
                uint256 length = 0;
                for (uint256 k = 1; k <= n; k++) {
                    length = length << 8 | uint8(header[place + k]);
                }
                place += 1 + n + length;
            } else {
                revert NotAHeader(end); // no field before it is a list
            }
        }
        if (place + 33 > end || uint8(header[place]) != 0xa0) revert NotAHeader(end);
        return bytes32(header[place + 1:place + 33]);
    }
}
