// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Draw} from "./Draw.sol";
import {Header} from "./Header.sol";
import {IStaking} from "./interfaces/IStaking.sol";

/// Draws juries for the market. It holds nothing and remembers nothing: it stands alone because code for it and the market together is more than
/// one contract may have.
contract Lottery {
    IStaking public immutable staking;

    constructor(IStaking staking_) {
        staking = staking_;
    }

    /// The seed of a job, by the header of its seed block.
    function seedOf(bytes32 job, bytes32 trace, bytes calldata header, uint256 number) external view returns (bytes32) {
        return Draw.seedOf(job, trace, Header.prevrandao(header, number));
    }

    /// The next wanted of the draw who may judge, in its order, and how many draws there were with the skip that were made before. It ends with the
    /// candidates, or after most draws.
    function jury(bytes calldata packed, bytes8 device, address[] calldata without, bytes32 seed, uint256 skip, uint256 wanted, uint256 most)
        external
        view
        returns (address[] memory jurors, uint256 draws)
    {
        Draw.Urn memory urn = Draw.fill(packed, device, without, seed, "draw");
        while (urn.draws < skip && urn.left > 0) {
            Draw.next(urn);
        }
        jurors = new address[](wanted);
        uint256 n = 0;
        while (n < wanted && urn.draws < most) {
            (bool found, uint256 i) = Draw.next(urn);
            if (!found) break;
            address juror = address(bytes20(packed[32 * i:]));
            if (staking.mayJudge(juror)) jurors[n++] = juror;
        }
        assembly ("memory-safe") {
            mstore(jurors, n)
        }
        draws = urn.draws;
    }
}
