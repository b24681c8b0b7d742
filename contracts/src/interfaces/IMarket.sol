// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// What a consumer and a provider agree on about a job. Both sign it for the market (Typed).
struct Terms {
    bytes32 job; // SHA-256 name of the JobSpec
    address consumer;
    address provider;
    uint128 price; // to the provider
    uint128 fee; // to each juror
    uint128 bond; // of the provider's stake, at risk in this job
    uint128 saving; // what a lie can save
    uint64 opens; // the last second at which it can be opened
    uint64 deadline; // of the receipt
    uint32 window; // of challenges, from the receipt's commitment
    uint32 clock; // of each juror, for each thing it owes
    uint32 samplePPM;
    uint32 validators;
    bytes32 candidates; // keccak256 of the packed candidates
}

/// A provider's receipt; hash names the whole of it.
struct Receipt {
    bytes32 job;
    bytes32 hash;
    bytes32 trace;
    uint64 intervals;
    uint64 ended;
    address provider;
    bytes8 device;
}

/// A cumulative cheque: payee may redeem total less what it redeemed before.
struct Voucher {
    address consumer;
    address payee;
    uint128 total;
}

/// A consumer's release of an opened job's escrow: terms is the digest (IMarket.idOf), so that it pays one opened job once.
struct Acceptance {
    bytes32 terms;
    bytes32 receipt;
    address[] jurors;
}

interface IMarket {
    enum State {
        None,
        Opened, // escrow and bond are held
        Committed, // the receipt is fixed, the seed is not known yet
        Sealed, // the jury is drawn
        Done // over; the terms can never be opened again
    }

    enum Value {
        None,
        Valid,
        Invalid,
        Unavailable
    }

    /// How a job ended.
    enum End {
        Accepted, // by the consumer
        Settled, // by the jury
        Released, // by the provider, who is paid by vouchers or gave it back
        Expired, // without a receipt in time
        Abandoned, // without enough verdicts in time
        Convicted // the provider was
    }

    enum SeatState {
        None,
        Seated,
        Promised, // its verdict is committed to
        Valid,
        Invalid, // has to accuse within its clock
        Accusing,
        Out // replaced, or to be: nothing more is expected of it
    }

    struct Seat {
        address juror;
        SeatState state;
        uint40 until; // its clock, where one runs
        bytes32 commitment;
    }

    struct Job {
        State state;
        uint8 seats; // that were ever filled
        uint8 draws; // that were made from the candidates
        uint8 waiting; // seats without a promise
        uint8 valid; // seats
        uint16 holds; // accusations that are open
        uint40 since; // when it was opened, then when its receipt was committed
        uint40 promises; // until when the last seats that were filled can promise
        uint32 clock; // Terms.clock
        uint40 seedBlock;
        uint40 resumed; // when the last accusation that held it was over
        bytes32 receipt; // its struct hash (Typed)
        bytes32 seed;
    }

    event Deposited(address indexed account, address indexed by, uint256 amount, uint256 deposit);
    event WithdrawRequested(address indexed account, uint256 amount, uint64 leavesAt);
    event Withdrawn(address indexed account, uint256 amount);
    event Collected(address indexed account, uint256 amount);
    event Redeemed(address indexed consumer, address indexed payee, uint256 amount, uint256 redeemed);
    event Opened(bytes32 indexed job, address indexed consumer, address indexed provider, bytes32 id, uint256 escrow, uint256 bond);
    event Committed(bytes32 indexed job, bytes32 indexed id, bytes32 receipt, uint64 seedBlock);
    event Reseeded(bytes32 indexed job, bytes32 indexed id, uint64 seedBlock);
    event Sealed(bytes32 indexed job, bytes32 indexed id, bytes32 seed);
    event Seated(bytes32 indexed id, address indexed juror, uint256 seat);
    event Promised(bytes32 indexed id, address indexed juror, uint256 seat);
    event Verdict(bytes32 indexed id, address indexed juror, uint256 seat, Value value, uint64 interval);
    event Unseated(bytes32 indexed id, address indexed juror, uint256 seat, uint256 slashed);
    event Held(bytes32 indexed id, address indexed accuser, uint256 holds);
    event Ended(bytes32 indexed job, address indexed consumer, address indexed provider, bytes32 id, End end, uint256 paid, uint256 refunded);

    /// EIP-712's separator of {gwrun, 1, chain, market}, in which Terms, Vouchers, Acceptances and releases are signed.
    function domain() external view returns (bytes32);

    /// The name of terms: the digest that both sign.
    function idOf(Terms calldata terms) external view returns (bytes32);

    function jobs(bytes32 id) external view returns (Job memory);

    function seats(bytes32 id, uint256 seat) external view returns (Seat memory);

    /// Tells of an accusation that was begun about an opened job: it is held from being settled, up to its bound. accuser's seat, if it has one and said
    /// invalid, is content. Gives false, and does nothing, where the job is not open. Only disputes may.
    function hold(bytes32 id, address accuser) external returns (bool held);

    /// Tells that an accusation that held a job is over and did not convict its provider. The accuser's seat is to be replaced. Only disputes may.
    function unhold(bytes32 id, address accuser) external;

    /// Ends a job whose provider was convicted: the consumer has everything back, and the bond is free to be slashed. Does nothing where the
    /// job is not open. Only disputes may.
    function convicted(Terms calldata terms) external;

    /// Tells that a juror was convicted: its seat is to be replaced. Only disputes may.
    function unseat(bytes32 id, address juror) external;
}
