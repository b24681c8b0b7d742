// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// The rule that a lie does not pay: p(1-r)(R+S) >= 2C, where p is the chance that a lie about one interval meets a juror, r the share of jurors
/// that collude, R the price, S the bond and C what the lie saves.
library Deterrence {
    uint256 internal constant MILLION = 1_000_000;

    /// p in millionths, never above the truth: each of the validators replays an interval with samplePPM in a million.
    function caught(uint256 samplePPM, uint256 validators) internal pure returns (uint256) {
        uint256 missed = MILLION;
        for (uint256 i = 0; i < validators; i++) {
            missed = (missed * (MILLION - samplePPM) + MILLION - 1) / MILLION;
        }
        return MILLION - missed;
    }

    /// Whether the rule holds. The sums are below 2^128, so that nothing here comes near 2^256.
    function holds(uint256 samplePPM, uint256 validators, uint256 collusionPPM, uint256 price, uint256 bond, uint256 saving)
        internal
        pure
        returns (bool)
    {
        return caught(samplePPM, validators) * (MILLION - collusionPPM) * (price + bond) >= 2 * saving * MILLION * MILLION;
    }
}
