;;;
const a = 1;;
;
fn f() {};
