// groups: 3 2 2
// expect 0.0: 0 1 100 101 200 201 2 3 102 103 202 203 300 301 400 401 500 501 302 303 402 403 502 503 4 5 104 105 204 205 6 7 106 107 206 207 304 305 404 405 504 505 306 307 406 407 506 507 600 601 700 701 800 801 602 603 702 703 802 803 900 901 1000 1001 1100 1101 902 903 1002 1003 1102 1103 604 605 704 705 804 805 606 607 706 707 806 807 904 905 1004 1005 1104 1105 906 907 1006 1007 1106 1107
requires linear_indexing;
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(2, 2, 2)
fn main(@builtin(global_invocation_index) g: u32, @builtin(workgroup_index) w: u32, @builtin(local_invocation_index) l: u32) { out[g] = w * 100 + l; }
