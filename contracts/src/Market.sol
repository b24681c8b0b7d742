// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Lottery} from "./Lottery.sol";
import {Token} from "./Token.sol";
import {Terms} from "./interfaces/IMarket.sol";
import {IParameters} from "./interfaces/IParameters.sol";
import {IStaking} from "./interfaces/IStaking.sol";
import {Escrow} from "./market/Escrow.sol";
import {Jury} from "./market/Jury.sol";
import {Purses} from "./market/Purses.sol";

/// Holds consumers' deposits and the escrow of jobs. Most jobs never touch it but by a voucher; one whose parties do not end it themselves is led to
/// its end here. What disputes find reaches it by the four functions below.
contract Market is Jury {
    address public immutable disputes;

    error OnlyDisputes(address found, address wanted);

    modifier onlyDisputes() {
        if (msg.sender != disputes) revert OnlyDisputes(msg.sender, disputes);
        _;
    }

    constructor(Token token_, IParameters parameters_, IStaking staking_, Lottery lottery_, address disputes_)
        Purses(token_, parameters_)
        Escrow(staking_)
        Jury(lottery_)
    {
        disputes = disputes_;
    }

    function hold(bytes32 id, address accuser) external onlyDisputes returns (bool held) {
        Job storage job = _jobs[id];
        if (job.state == State.None || job.state == State.Done) return false;
        job.holds++;
        emit Held(id, accuser, job.holds);
        (bool found, uint256 i) = _seatOf(id, job, accuser);
        if (found && _seats[id][i].state == SeatState.Invalid) _seats[id][i].state = SeatState.Accusing;
        return true;
    }

    function unhold(bytes32 id, address accuser) external onlyDisputes {
        Job storage job = _jobs[id];
        if (job.state == State.None || job.state == State.Done) return;
        job.holds--;
        job.resumed = uint40(block.timestamp);
        emit Held(id, accuser, job.holds);
        (bool found, uint256 i) = _seatOf(id, job, accuser);
        if (found && _seats[id][i].state == SeatState.Accusing) _leave(id, job, i);
    }

    function convicted(Terms calldata t) external onlyDisputes {
        bytes32 id = idOf(t);
        State state = _jobs[id].state;
        if (state == State.None || state == State.Done) return;
        _end(t, id, End.Convicted, 0);
    }

    function unseat(bytes32 id, address juror) external onlyDisputes {
        Job storage job = _jobs[id];
        (bool found, uint256 i) = _seatOf(id, job, juror);
        if (found) _leave(id, job, i);
    }

    /// The seat that an account has in use.
    function _seatOf(bytes32 id, Job storage job, address juror) private view returns (bool, uint256) {
        uint256 count = job.seats;
        for (uint256 i = 0; i < count; i++) {
            Seat storage s = _seats[id][i];
            if (s.juror == juror && s.state != SeatState.Out) return (true, i);
        }
        return (false, 0);
    }

    function _leave(bytes32 id, Job storage job, uint256 i) private {
        Seat storage s = _seats[id][i];
        if (s.state == SeatState.Valid) job.valid--;
        if (s.state == SeatState.Seated) job.waiting--;
        s.state = SeatState.Out;
        emit Unseated(id, s.juror, i, 0);
    }
}
