//! The kernels. Written by sdk/gen from kernels/lib: do not edit.

use super::{ceil, div, Binding, Op, Override, Param};
use core::cmp::{max, min};

/// matmul_f32: C = activation(A B + bias), for one pair of matrices or a batch.
///
/// **Shapes**: m, n, k, batch, a_step, b_step; a\[m, k\] (transpose_a: \[k, m\]), b\[k, n\] (transpose_b: \[n, k\]), bias\[n\] (read
/// with with_bias only), c\[m, n\], all f32. Matrix z of the batch starts at word z a_step of a, z b_step of b (0: all
/// share one) and element z m n of c.
///
/// **Order**: the sum is made in blocks of 256 terms, k ascending: block = +0; block = block + a\[i, k\] b\[k, j\], the product
/// rounded, then the sum; total = +0; total = total + block. Elements of a and b below 2^-51 in magnitude count as +0.
/// Then, each where it is asked for: accumulate: v = c + v; with_bias: v = v + bias\[j\]; v = activation(v).
///
/// **Error**: of the sum, (min(k, 256) + ceil(k / 256)) 2^-24 sum \|a b\|, and 2^-51 (\|a\| + \|b\|) for each pair that the domain
/// leaves out.
///
/// **Grid**: ceil(n / (x cols)), ceil(m / (y rows)), batch.
pub static MATMUL_F32: Op = Op {
    name: "matmul_f32",
    params: &[
        Param { name: "m", float: false },
        Param { name: "n", float: false },
        Param { name: "k", float: false },
        Param { name: "batch", float: false },
        Param { name: "a_step", float: false },
        Param { name: "b_step", float: false },
    ],
    bindings: &[
        Binding { name: "a", elem: "f32", writable: false },
        Binding { name: "b", elem: "f32", writable: false },
        Binding { name: "bias", elem: "f32", writable: false },
        Binding { name: "c", elem: "f32", writable: true },
    ],
    overrides: &[
        Override { name: "accumulate", default: 0_f64 },
        Override { name: "activation", default: 0_f64 },
        Override { name: "transpose_a", default: 0_f64 },
        Override { name: "transpose_b", default: 0_f64 },
        Override { name: "with_bias", default: 0_f64 },
    ],
    tile: &[
        Override { name: "cols", default: 4_f64 },
        Override { name: "depth", default: 0_f64 },
        Override { name: "rows", default: 4_f64 },
        Override { name: "x", default: 16_f64 },
        Override { name: "y", default: 4_f64 },
    ],
    grid: |p, t| [
        ceil(u64::from(p[1]), u64::from(t[3]).saturating_mul(u64::from(t[0]))),
        ceil(u64::from(p[0]), u64::from(t[4]).saturating_mul(u64::from(t[2]))),
        u64::from(p[3]),
    ],
    source: r#"fn domain(x:f32)-> f32{
return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);
}
fn domain_bf16(bits:u32)-> f32{
return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);
}
fn activation_relu(x:f32)-> f32{
return select(0.0,x,x > 0.0);
}
struct Gate{e:f32,r:f32}
fn activation_gate(t:u32,far:bool)-> Gate{
let g = f32(i32(t & 0x7fffff)- 0x400000);
let q = 0x1.5be054p-49 + g *(-0x1.418820p-74 + g *(0x1.c0921ap-100 + g * -0x1.eca6f0p-126));
let p = 0x1.6a09e8p-1 + g *(-0x1.f5e45ap-25 + g * q);
let e = select(p * bitcast<f32>(0x3f800000 -(t & 0x1f800000)),0.0,far);
let bits = clamp(bitcast<u32>(1.0 + e),0x3f800000,0x40000000);
let d = bitcast<f32>(bits);
let r0 = bitcast<f32>(0x7ef31000 - bits);
let r1 = r0 *(2.0 - d * r0);
let r2 = r1 *(2.0 - d * r1);
let r3 = r2 + r2 *(1.0 - d * r2);
return Gate(e,bitcast<f32>(clamp(bitcast<u32>(r3),0x3f000000,0x3f800000)));
}
fn gated(g:Gate,x:f32)-> f32{
return select(g.r,g.e * g.r,bitcast<u32>(x)>= 0x80000000);
}
fn sigmoid_gate(x:f32)-> Gate{
let size = bitcast<u32>(x)& 0x7fffffff;
let m = u32(i32(bitcast<f32>(clamp(size,0x32800000,0x42313333))* 0x1p24));
let high = m >> 15;
let t = high * 23637 +((high * 7573 +(m & 0x7fff)* 47274 + 0x8000)>> 16);
return activation_gate(t,size >= 0x42313333);
}
fn gelu_gate(x:f32)-> Gate{
let size = bitcast<u32>(x)& 0x7fffffff;
let a = bitcast<f32>(clamp(size,0x32800000,0x40f40000));
return activation_gate(u32(i32(a *(19312322.0 + 863550.5 *(a * a)))),size >= 0x40f40000);
}
fn is_nan(x:f32)-> bool{
return(bitcast<u32>(x)& 0x7fffffff)> 0x7f800000;
}
fn activation_sigmoid(x:f32)-> f32{
return select(gated(sigmoid_gate(x),x),x + 1.0,is_nan(x));
}
fn activation_silu(x:f32)-> f32{
return domain(x)* gated(sigmoid_gate(x),x);
}
fn activation_gelu(x:f32)-> f32{
return domain(x)* gated(gelu_gate(x),x);
}
fn activation_tanh(x:f32)-> f32{
return tanh(x);
}
override activation:u32 = 0;
fn activated(x:f32)-> f32{
switch(activation){
case 1:{return activation_relu(x);}
case 2:{return activation_gelu(x);}
case 3:{return activation_silu(x);}
case 4:{return activation_tanh(x);}
case 5:{return activation_sigmoid(x);}
default:{return x;}
}
}
override transpose_a:bool = false;
override transpose_b:bool = false;
override x:u32 = 16;
override y:u32 = 4;
override rows:u32 = 4;
override cols:u32 = 4;
override depth:u32 = 0;
override high:u32 = y * rows;
override wide:u32 = x * cols;
override fits:u32 = 1 / u32(rows <= 8 && cols <= 4 && high % per == 0 && wide % per == 0 && 256 % max(depth,1)== 0 && depth % per == 0);
const block_terms = 256u;
var<workgroup> part_a:array<term,fits * high * max(depth,1)>;
var<workgroup> part_b:array<term,fits * wide * max(depth,1)>;
override a_words:u32 = max(depth / per,1);
override b_words:u32 = wide / per;
fn column_word(at:u32,n:u32)-> u32{
return select((at + n * x)% b_words,at + n * x % b_words,b_words % x == 0);
}
fn column_term(at:u32,n:u32)-> u32{
return select((at + n * x)/ b_words,n * x / b_words,b_words % x == 0);
}
fn column(at:u32,n:u32)-> u32{
return column_word(at,n)* per + column_term(at,n);
}
fn across(n:u32)-> u32{
return(n + per - 1)/ per;
}
fn a_term(z:u32,i:u32,word:u32,e:u32)-> term{
if(transpose_a){
return term_of(a[z * p.a_step +(word * per + e)* across(p.m)+ i / per],i % per);
}
return term_of(a[z * p.a_step + i * across(p.k)+ word],e);
}
fn b_term(z:u32,word:u32,e:u32,left:u32,at:u32,n:u32)-> term{
if(transpose_b){
return term_of(b[z * p.b_step +(left + column(at,n))* across(p.k)+ word],e);
}
return term_of(b[z * p.b_step +(word * per + e)* across(p.n)+ left / per + column_word(at,n)],column_term(at,n));
}
fn put_a(group:vec3<u32>,k:u32,outer:u32,word:u32,e:u32,v:term){
let inner = word * per + e;
let i = select(outer,inner,transpose_a);
let j = select(inner,outer,transpose_a);
let at = i * depth + select(e * a_words + word,outer % per * a_words + outer / per,transpose_a);
part_a[at]= select(term(),v,group.y * high + i < p.m && k + j < p.k);
}
fn put_b(group:vec3<u32>,k:u32,outer:u32,word:u32,e:u32,v:term){
let inner = word * per + e;
let i = select(outer,inner,transpose_b);
let j = select(inner,outer,transpose_b);
let at = i * wide + select(e * b_words + word,outer % per * b_words + outer / per,transpose_b);
part_b[at]= select(term(),v,k + i < p.k && group.x * wide + j < p.n);
}
override a_outer:u32 = select(high,depth,transpose_a);
override a_inner:u32 = max(select(depth,high,transpose_a)/ per,1);
override b_outer:u32 = select(depth,wide,transpose_b);
override b_inner:u32 = max(select(wide,depth,transpose_b)/ per,1);
override a_along:u32 = min(a_inner,x * y);
override b_along:u32 = min(b_inner,x * y);
fn stage(index:u32,group:vec3<u32>,k:u32){
let a_start = group.z * p.a_step + select(k,group.y * high,transpose_a)/ per;
let a_row = select(group.y * high,k,transpose_a);
for(var r = 0u;r < a_outer;r += x * y / a_along){
for(var w = 0u;w < a_inner;w += a_along){
let outer = r + index / a_along;
let inner = w + index % a_along;
if(index / a_along < x * y / a_along && outer < a_outer && inner < a_inner){
let word = a[a_start +(a_row + outer)* across(select(p.k,p.m,transpose_a))+ inner];
put_a(group,k,outer,inner,0,term_of(word,0));
if(per > 1){put_a(group,k,outer,inner,1,term_of(word,1));}
if(per > 2){put_a(group,k,outer,inner,2,term_of(word,2));}
if(per > 2){put_a(group,k,outer,inner,3,term_of(word,3));}
}
}
}
let b_start = group.z * p.b_step + select(group.x * wide,k,transpose_b)/ per;
let b_row = select(k,group.x * wide,transpose_b);
for(var r = 0u;r < b_outer;r += x * y / b_along){
for(var w = 0u;w < b_inner;w += b_along){
let outer = r + index / b_along;
let inner = w + index % b_along;
if(index / b_along < x * y / b_along && outer < b_outer && inner < b_inner){
let word = b[b_start +(b_row + outer)* across(select(p.n,p.k,transpose_b))+ inner];
put_b(group,k,outer,inner,0,term_of(word,0));
if(per > 1){put_b(group,k,outer,inner,1,term_of(word,1));}
if(per > 2){put_b(group,k,outer,inner,2,term_of(word,2));}
if(per > 2){put_b(group,k,outer,inner,3,term_of(word,3));}
}
}
}
}
fn add_stored(sum:ptr<function,array<vec4<term>,8>>,local:vec3<u32>,d:u32,e:u32){
let i =(d * per + e)* wide + local.x;
let t = vec4(part_b[i],part_b[i + x],part_b[i + 2 * x],part_b[i + 3 * x]);
let j = local.y * rows * depth + e * a_words + d;
(*sum)[0]+= part_a[j]* t;
(*sum)[1]+= part_a[j + depth]* t;
(*sum)[2]+= part_a[j + 2 * depth]* t;
(*sum)[3]+= part_a[j + 3 * depth]* t;
(*sum)[4]+= part_a[j + 4 * depth]* t;
(*sum)[5]+= part_a[j + 5 * depth]* t;
(*sum)[6]+= part_a[j + 6 * depth]* t;
(*sum)[7]+= part_a[j + 7 * depth]* t;
}
fn add_read(sum:ptr<function,array<vec4<term>,8>>,z:u32,row:u32,left:u32,at:u32,word:u32,e:u32){
let t = vec4(b_term(z,word,e,left,at,0),b_term(z,word,e,left,at,1),
b_term(z,word,e,left,at,2),b_term(z,word,e,left,at,3));
(*sum)[0]+= a_term(z,row,word,e)* t;
(*sum)[1]+= a_term(z,row + 1,word,e)* t;
(*sum)[2]+= a_term(z,row + 2,word,e)* t;
(*sum)[3]+= a_term(z,row + 3,word,e)* t;
(*sum)[4]+= a_term(z,row + 4,word,e)* t;
(*sum)[5]+= a_term(z,row + 5,word,e)* t;
(*sum)[6]+= a_term(z,row + 6,word,e)* t;
(*sum)[7]+= a_term(z,row + 7,word,e)* t;
}
fn multiply(local:vec3<u32>,index:u32,group:vec3<u32>){
let z = group.z;
let row = group.y * high + local.y * rows;
let left = group.x * wide;
var total:array<vec4<whole>,8>;
for(var first = 0u;first < p.k;first += block_terms){
var sum:array<vec4<term>,8>;
let end = min(p.k,first + block_terms);
if(depth == 0){
for(var w = first / per;w < end / per;w++){
add_read(&sum,z,row,left,local.x,w,0);
if(per > 1){add_read(&sum,z,row,left,local.x,w,1);}
if(per > 2){add_read(&sum,z,row,left,local.x,w,2);}
if(per > 2){add_read(&sum,z,row,left,local.x,w,3);}
}
if(per > 1){
for(var k = end / per * per;k < end;k++){
add_read(&sum,z,row,left,local.x,k / per,k % per);
}
}
}else{
for(var k = first;k < end;k += depth){
workgroupBarrier();
stage(index,group,k);
workgroupBarrier();
for(var e = 0u;e < a_words;e++){
let d = e &(a_words - 1);
add_stored(&sum,local,d,0);
if(per > 1){add_stored(&sum,local,d,1);}
if(per > 2){add_stored(&sum,local,d,2);}
if(per > 2){add_stored(&sum,local,d,3);}
}
}
}
total[0]+= vec4<whole>(sum[0]);
total[1]+= vec4<whole>(sum[1]);
total[2]+= vec4<whole>(sum[2]);
total[3]+= vec4<whole>(sum[3]);
total[4]+= vec4<whole>(sum[4]);
total[5]+= vec4<whole>(sum[5]);
total[6]+= vec4<whole>(sum[6]);
total[7]+= vec4<whole>(sum[7]);
}
if(rows > 0){finish_row(z,row,left,local.x,total[0]);}
if(rows > 1){finish_row(z,row + 1,left,local.x,total[1]);}
if(rows > 2){finish_row(z,row + 2,left,local.x,total[2]);}
if(rows > 3){finish_row(z,row + 3,left,local.x,total[3]);}
if(rows > 4){finish_row(z,row + 4,left,local.x,total[4]);}
if(rows > 5){finish_row(z,row + 5,left,local.x,total[5]);}
if(rows > 6){finish_row(z,row + 6,left,local.x,total[6]);}
if(rows > 7){finish_row(z,row + 7,left,local.x,total[7]);}
}
fn finish_row(z:u32,row:u32,left:u32,at:u32,v:vec4<whole>){
if(row >= p.m){
return;
}
if(cols > 0 && left + column(at,0)< p.n){finish(z,row,left + column(at,0),v.x);}
if(cols > 1 && left + column(at,1)< p.n){finish(z,row,left + column(at,1),v.y);}
if(cols > 2 && left + column(at,2)< p.n){finish(z,row,left + column(at,2),v.z);}
if(cols > 3 && left + column(at,3)< p.n){finish(z,row,left + column(at,3),v.w);}
}
override accumulate:bool = false;
override with_bias:bool = false;
alias term = f32;
alias whole = f32;
const per = 1u;
struct Params{m:u32,n:u32,k:u32,batch:u32,a_step:u32,b_step:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> a:array<f32>;
@group(0)@binding(2)var<storage,read> b:array<f32>;
@group(0)@binding(3)var<storage,read> bias:array<f32>;
@group(0)@binding(4)var<storage,read_write> c:array<f32>;
fn term_of(word:f32,i:u32)-> f32{
return domain(word);
}
fn finish(z:u32,row:u32,col:u32,sum:f32){
let at =(z * p.m + row)* p.n + col;
var v = sum;
if(accumulate){
v = c[at]+ v;
}
if(with_bias){
v = v + bias[col];
}
c[at]= activated(v);
}
@compute @workgroup_size(x,y)
fn matmul_f32(@builtin(local_invocation_id)local:vec3<u32>,@builtin(local_invocation_index)index:u32,
@builtin(workgroup_id)group:vec3<u32>){
multiply(local,index,group);
}
"#,
};

/// matmul_bf16: C = activation(A B + bias) of bf16 operands with f32 sums, for one pair of matrices or a batch.
///
/// **Shapes**: m, n, k, batch, a_step, b_step; a\[m, k\] (transpose_a: \[k, m\]), b\[k, n\] (transpose_b: \[n, k\]) bf16, two in a
/// word, the first in the lower half, rows in whole words; bias\[n\] f32 (read with with_bias only); c\[m, n\] f32, or with to_bf16
/// bf16 like a and b, the half after an odd row 0. Matrix z of the batch starts at word z a_step of a, z b_step of b (0: all
/// share one); those of c follow each other.
///
/// **Order**: the sum is made in blocks of 256 terms, k ascending: block = +0; block = block + a\[i, k\] b\[k, j\], the product
/// exact (or infinite), the sum rounded to f32; total = +0; total = total + block. Elements of a and b below 2^-55 in magnitude count as
/// +0. Then, each where it is asked for: accumulate: v = c + v; with_bias: v = v + bias\[j\]; v = activation(v);
/// to_bf16: v is rounded to bf16, to even in a tie, NaN to 0x7fc0.
///
/// **Error**: of the sum, (min(k, 256) + ceil(k / 256)) 2^-24 sum \|a b\|, and 2^-55 (\|a\| + \|b\|) for each pair that the domain
/// leaves out; with to_bf16 2^-8 of the result.
///
/// **Grid**: ceil(n / (x cols)), ceil(m / (y rows)), batch.
pub static MATMUL_BF16: Op = Op {
    name: "matmul_bf16",
    params: &[
        Param { name: "m", float: false },
        Param { name: "n", float: false },
        Param { name: "k", float: false },
        Param { name: "batch", float: false },
        Param { name: "a_step", float: false },
        Param { name: "b_step", float: false },
    ],
    bindings: &[
        Binding { name: "a", elem: "u32", writable: false },
        Binding { name: "b", elem: "u32", writable: false },
        Binding { name: "bias", elem: "f32", writable: false },
        Binding { name: "c", elem: "u32", writable: true },
    ],
    overrides: &[
        Override { name: "accumulate", default: 0_f64 },
        Override { name: "activation", default: 0_f64 },
        Override { name: "to_bf16", default: 0_f64 },
        Override { name: "transpose_a", default: 0_f64 },
        Override { name: "transpose_b", default: 0_f64 },
        Override { name: "with_bias", default: 0_f64 },
    ],
    tile: &[
        Override { name: "cols", default: 4_f64 },
        Override { name: "depth", default: 0_f64 },
        Override { name: "rows", default: 4_f64 },
        Override { name: "x", default: 16_f64 },
        Override { name: "y", default: 4_f64 },
    ],
    grid: |p, t| [
        ceil(u64::from(p[1]), u64::from(t[3]).saturating_mul(u64::from(t[0]))),
        ceil(u64::from(p[0]), u64::from(t[4]).saturating_mul(u64::from(t[2]))),
        u64::from(p[3]),
    ],
    source: r#"fn domain(x:f32)-> f32{
return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);
}
fn domain_bf16(bits:u32)-> f32{
return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);
}
fn activation_relu(x:f32)-> f32{
return select(0.0,x,x > 0.0);
}
struct Gate{e:f32,r:f32}
fn activation_gate(t:u32,far:bool)-> Gate{
let g = f32(i32(t & 0x7fffff)- 0x400000);
let q = 0x1.5be054p-49 + g *(-0x1.418820p-74 + g *(0x1.c0921ap-100 + g * -0x1.eca6f0p-126));
let p = 0x1.6a09e8p-1 + g *(-0x1.f5e45ap-25 + g * q);
let e = select(p * bitcast<f32>(0x3f800000 -(t & 0x1f800000)),0.0,far);
let bits = clamp(bitcast<u32>(1.0 + e),0x3f800000,0x40000000);
let d = bitcast<f32>(bits);
let r0 = bitcast<f32>(0x7ef31000 - bits);
let r1 = r0 *(2.0 - d * r0);
let r2 = r1 *(2.0 - d * r1);
let r3 = r2 + r2 *(1.0 - d * r2);
return Gate(e,bitcast<f32>(clamp(bitcast<u32>(r3),0x3f000000,0x3f800000)));
}
fn gated(g:Gate,x:f32)-> f32{
return select(g.r,g.e * g.r,bitcast<u32>(x)>= 0x80000000);
}
fn sigmoid_gate(x:f32)-> Gate{
let size = bitcast<u32>(x)& 0x7fffffff;
let m = u32(i32(bitcast<f32>(clamp(size,0x32800000,0x42313333))* 0x1p24));
let high = m >> 15;
let t = high * 23637 +((high * 7573 +(m & 0x7fff)* 47274 + 0x8000)>> 16);
return activation_gate(t,size >= 0x42313333);
}
fn gelu_gate(x:f32)-> Gate{
let size = bitcast<u32>(x)& 0x7fffffff;
let a = bitcast<f32>(clamp(size,0x32800000,0x40f40000));
return activation_gate(u32(i32(a *(19312322.0 + 863550.5 *(a * a)))),size >= 0x40f40000);
}
fn is_nan(x:f32)-> bool{
return(bitcast<u32>(x)& 0x7fffffff)> 0x7f800000;
}
fn activation_sigmoid(x:f32)-> f32{
return select(gated(sigmoid_gate(x),x),x + 1.0,is_nan(x));
}
fn activation_silu(x:f32)-> f32{
return domain(x)* gated(sigmoid_gate(x),x);
}
fn activation_gelu(x:f32)-> f32{
return domain(x)* gated(gelu_gate(x),x);
}
fn activation_tanh(x:f32)-> f32{
return tanh(x);
}
override activation:u32 = 0;
fn activated(x:f32)-> f32{
switch(activation){
case 1:{return activation_relu(x);}
case 2:{return activation_gelu(x);}
case 3:{return activation_silu(x);}
case 4:{return activation_tanh(x);}
case 5:{return activation_sigmoid(x);}
default:{return x;}
}
}
override transpose_a:bool = false;
override transpose_b:bool = false;
override x:u32 = 16;
override y:u32 = 4;
override rows:u32 = 4;
override cols:u32 = 4;
override depth:u32 = 0;
override high:u32 = y * rows;
override wide:u32 = x * cols;
override fits:u32 = 1 / u32(rows <= 8 && cols <= 4 && high % per == 0 && wide % per == 0 && 256 % max(depth,1)== 0 && depth % per == 0);
const block_terms = 256u;
var<workgroup> part_a:array<term,fits * high * max(depth,1)>;
var<workgroup> part_b:array<term,fits * wide * max(depth,1)>;
override a_words:u32 = max(depth / per,1);
override b_words:u32 = wide / per;
fn column_word(at:u32,n:u32)-> u32{
return select((at + n * x)% b_words,at + n * x % b_words,b_words % x == 0);
}
fn column_term(at:u32,n:u32)-> u32{
return select((at + n * x)/ b_words,n * x / b_words,b_words % x == 0);
}
fn column(at:u32,n:u32)-> u32{
return column_word(at,n)* per + column_term(at,n);
}
fn across(n:u32)-> u32{
return(n + per - 1)/ per;
}
fn a_term(z:u32,i:u32,word:u32,e:u32)-> term{
if(transpose_a){
return term_of(a[z * p.a_step +(word * per + e)* across(p.m)+ i / per],i % per);
}
return term_of(a[z * p.a_step + i * across(p.k)+ word],e);
}
fn b_term(z:u32,word:u32,e:u32,left:u32,at:u32,n:u32)-> term{
if(transpose_b){
return term_of(b[z * p.b_step +(left + column(at,n))* across(p.k)+ word],e);
}
return term_of(b[z * p.b_step +(word * per + e)* across(p.n)+ left / per + column_word(at,n)],column_term(at,n));
}
fn put_a(group:vec3<u32>,k:u32,outer:u32,word:u32,e:u32,v:term){
let inner = word * per + e;
let i = select(outer,inner,transpose_a);
let j = select(inner,outer,transpose_a);
let at = i * depth + select(e * a_words + word,outer % per * a_words + outer / per,transpose_a);
part_a[at]= select(term(),v,group.y * high + i < p.m && k + j < p.k);
}
fn put_b(group:vec3<u32>,k:u32,outer:u32,word:u32,e:u32,v:term){
let inner = word * per + e;
let i = select(outer,inner,transpose_b);
let j = select(inner,outer,transpose_b);
let at = i * wide + select(e * b_words + word,outer % per * b_words + outer / per,transpose_b);
part_b[at]= select(term(),v,k + i < p.k && group.x * wide + j < p.n);
}
override a_outer:u32 = select(high,depth,transpose_a);
override a_inner:u32 = max(select(depth,high,transpose_a)/ per,1);
override b_outer:u32 = select(depth,wide,transpose_b);
override b_inner:u32 = max(select(wide,depth,transpose_b)/ per,1);
override a_along:u32 = min(a_inner,x * y);
override b_along:u32 = min(b_inner,x * y);
fn stage(index:u32,group:vec3<u32>,k:u32){
let a_start = group.z * p.a_step + select(k,group.y * high,transpose_a)/ per;
let a_row = select(group.y * high,k,transpose_a);
for(var r = 0u;r < a_outer;r += x * y / a_along){
for(var w = 0u;w < a_inner;w += a_along){
let outer = r + index / a_along;
let inner = w + index % a_along;
if(index / a_along < x * y / a_along && outer < a_outer && inner < a_inner){
let word = a[a_start +(a_row + outer)* across(select(p.k,p.m,transpose_a))+ inner];
put_a(group,k,outer,inner,0,term_of(word,0));
if(per > 1){put_a(group,k,outer,inner,1,term_of(word,1));}
if(per > 2){put_a(group,k,outer,inner,2,term_of(word,2));}
if(per > 2){put_a(group,k,outer,inner,3,term_of(word,3));}
}
}
}
let b_start = group.z * p.b_step + select(group.x * wide,k,transpose_b)/ per;
let b_row = select(k,group.x * wide,transpose_b);
for(var r = 0u;r < b_outer;r += x * y / b_along){
for(var w = 0u;w < b_inner;w += b_along){
let outer = r + index / b_along;
let inner = w + index % b_along;
if(index / b_along < x * y / b_along && outer < b_outer && inner < b_inner){
let word = b[b_start +(b_row + outer)* across(select(p.n,p.k,transpose_b))+ inner];
put_b(group,k,outer,inner,0,term_of(word,0));
if(per > 1){put_b(group,k,outer,inner,1,term_of(word,1));}
if(per > 2){put_b(group,k,outer,inner,2,term_of(word,2));}
if(per > 2){put_b(group,k,outer,inner,3,term_of(word,3));}
}
}
}
}
fn add_stored(sum:ptr<function,array<vec4<term>,8>>,local:vec3<u32>,d:u32,e:u32){
let i =(d * per + e)* wide + local.x;
let t = vec4(part_b[i],part_b[i + x],part_b[i + 2 * x],part_b[i + 3 * x]);
let j = local.y * rows * depth + e * a_words + d;
(*sum)[0]+= part_a[j]* t;
(*sum)[1]+= part_a[j + depth]* t;
(*sum)[2]+= part_a[j + 2 * depth]* t;
(*sum)[3]+= part_a[j + 3 * depth]* t;
(*sum)[4]+= part_a[j + 4 * depth]* t;
(*sum)[5]+= part_a[j + 5 * depth]* t;
(*sum)[6]+= part_a[j + 6 * depth]* t;
(*sum)[7]+= part_a[j + 7 * depth]* t;
}
fn add_read(sum:ptr<function,array<vec4<term>,8>>,z:u32,row:u32,left:u32,at:u32,word:u32,e:u32){
let t = vec4(b_term(z,word,e,left,at,0),b_term(z,word,e,left,at,1),
b_term(z,word,e,left,at,2),b_term(z,word,e,left,at,3));
(*sum)[0]+= a_term(z,row,word,e)* t;
(*sum)[1]+= a_term(z,row + 1,word,e)* t;
(*sum)[2]+= a_term(z,row + 2,word,e)* t;
(*sum)[3]+= a_term(z,row + 3,word,e)* t;
(*sum)[4]+= a_term(z,row + 4,word,e)* t;
(*sum)[5]+= a_term(z,row + 5,word,e)* t;
(*sum)[6]+= a_term(z,row + 6,word,e)* t;
(*sum)[7]+= a_term(z,row + 7,word,e)* t;
}
fn multiply(local:vec3<u32>,index:u32,group:vec3<u32>){
let z = group.z;
let row = group.y * high + local.y * rows;
let left = group.x * wide;
var total:array<vec4<whole>,8>;
for(var first = 0u;first < p.k;first += block_terms){
var sum:array<vec4<term>,8>;
let end = min(p.k,first + block_terms);
if(depth == 0){
for(var w = first / per;w < end / per;w++){
add_read(&sum,z,row,left,local.x,w,0);
if(per > 1){add_read(&sum,z,row,left,local.x,w,1);}
if(per > 2){add_read(&sum,z,row,left,local.x,w,2);}
if(per > 2){add_read(&sum,z,row,left,local.x,w,3);}
}
if(per > 1){
for(var k = end / per * per;k < end;k++){
add_read(&sum,z,row,left,local.x,k / per,k % per);
}
}
}else{
for(var k = first;k < end;k += depth){
workgroupBarrier();
stage(index,group,k);
workgroupBarrier();
for(var e = 0u;e < a_words;e++){
let d = e &(a_words - 1);
add_stored(&sum,local,d,0);
if(per > 1){add_stored(&sum,local,d,1);}
if(per > 2){add_stored(&sum,local,d,2);}
if(per > 2){add_stored(&sum,local,d,3);}
}
}
}
total[0]+= vec4<whole>(sum[0]);
total[1]+= vec4<whole>(sum[1]);
total[2]+= vec4<whole>(sum[2]);
total[3]+= vec4<whole>(sum[3]);
total[4]+= vec4<whole>(sum[4]);
total[5]+= vec4<whole>(sum[5]);
total[6]+= vec4<whole>(sum[6]);
total[7]+= vec4<whole>(sum[7]);
}
if(rows > 0){finish_row(z,row,left,local.x,total[0]);}
if(rows > 1){finish_row(z,row + 1,left,local.x,total[1]);}
if(rows > 2){finish_row(z,row + 2,left,local.x,total[2]);}
if(rows > 3){finish_row(z,row + 3,left,local.x,total[3]);}
if(rows > 4){finish_row(z,row + 4,left,local.x,total[4]);}
if(rows > 5){finish_row(z,row + 5,left,local.x,total[5]);}
if(rows > 6){finish_row(z,row + 6,left,local.x,total[6]);}
if(rows > 7){finish_row(z,row + 7,left,local.x,total[7]);}
}
fn bf16_from(bits:u32)-> u32{
if((bits & 0x7fffffff)> 0x7f800000){
return 0x7fc0;
}
return(bits + 0x7fff +((bits >> 16)& 1))>> 16;
}
override accumulate:bool = false;
override with_bias:bool = false;
override to_bf16:bool = false;
override pairs:u32 = 1 / u32(!to_bf16 || cols % 2 == 0);
alias term = f32;
alias whole = f32;
const per = 2u;
struct Params{m:u32,n:u32,k:u32,batch:u32,a_step:u32,b_step:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> a:array<u32>;
@group(0)@binding(2)var<storage,read> b:array<u32>;
@group(0)@binding(3)var<storage,read> bias:array<f32>;
@group(0)@binding(4)var<storage,read_write> c:array<u32>;
fn term_of(word:u32,i:u32)-> f32{
return domain_bf16(select(word << 16,word & 0xffff0000,i == 1));
}
fn finished(sum:f32,old:u32,col:u32)-> u32{
var v = sum;
if(accumulate){
v = bitcast<f32>(old)+ v;
}
if(with_bias){
v = v + bias[col];
}
return bitcast<u32>(activated(v));
}
fn finish(z:u32,row:u32,col:u32,sum:f32){
let at =(z * p.m + row)* p.n + col;
if(col < p.n){
c[at]= finished(sum,c[at],col);
}
}
fn finish_pair(z:u32,row:u32,word:u32,first:f32,second:f32){
let at =(z * p.m + row)* across(p.n)+ pairs * word;
let col = 2 * word;
if(col >= p.n){
return;
}
let old = c[at];
var w = bf16_from(finished(first,old << 16,col));
if(col + 1 < p.n){
w |= bf16_from(finished(second,old & 0xffff0000,col + 1))<< 16;
}
c[at]= w;
}
fn finish_row(z:u32,row:u32,left:u32,at:u32,v:vec4<f32>){
if(row >= p.m){
return;
}
if(to_bf16){
finish_pair(z,row,left / 2 + column_word(at,0),v.x,select(v.y,v.z,cols == 4));
if(cols == 4){
finish_pair(z,row,left / 2 + column_word(at,1),v.y,v.w);
}
return;
}
if(cols > 0){finish(z,row,left + column(at,0),v.x);}
if(cols > 1){finish(z,row,left + column(at,1),v.y);}
if(cols > 2){finish(z,row,left + column(at,2),v.z);}
if(cols > 3){finish(z,row,left + column(at,3),v.w);}
}
@compute @workgroup_size(x,y)
fn matmul_bf16(@builtin(local_invocation_id)local:vec3<u32>,@builtin(local_invocation_index)index:u32,
@builtin(workgroup_id)group:vec3<u32>){
multiply(local,index,group);
}
"#,
};

/// matmul_i8: C = A B of bytes, exact in i32, for one pair of matrices or a batch.
///
/// **Shapes**: m, n, k, batch, a_step, b_step; a\[m, k\] (transpose_a: \[k, m\]), b\[k, n\] (transpose_b: \[n, k\]) int8, four in a
/// word, the first in the lowest bits, rows in whole words; c\[m, n\] i32. Matrix z of the batch starts at word z a_step of a,
/// z b_step of b (0: all share one) and element z m n of c.
///
/// **Order**: none: integers, which wrap. With accumulate the old c is added.
///
/// **Error**: none.
///
/// **Grid**: ceil(n / (x cols)), ceil(m / (y rows)), batch.
pub static MATMUL_I8: Op = Op {
    name: "matmul_i8",
    params: &[
        Param { name: "m", float: false },
        Param { name: "n", float: false },
        Param { name: "k", float: false },
        Param { name: "batch", float: false },
        Param { name: "a_step", float: false },
        Param { name: "b_step", float: false },
    ],
    bindings: &[
        Binding { name: "a", elem: "u32", writable: false },
        Binding { name: "b", elem: "u32", writable: false },
        Binding { name: "c", elem: "i32", writable: true },
    ],
    overrides: &[
        Override { name: "accumulate", default: 0_f64 },
        Override { name: "transpose_a", default: 0_f64 },
        Override { name: "transpose_b", default: 0_f64 },
    ],
    tile: &[
        Override { name: "cols", default: 4_f64 },
        Override { name: "depth", default: 0_f64 },
        Override { name: "rows", default: 4_f64 },
        Override { name: "x", default: 16_f64 },
        Override { name: "y", default: 4_f64 },
    ],
    grid: |p, t| [
        ceil(u64::from(p[1]), u64::from(t[3]).saturating_mul(u64::from(t[0]))),
        ceil(u64::from(p[0]), u64::from(t[4]).saturating_mul(u64::from(t[2]))),
        u64::from(p[3]),
    ],
    source: r#"alias term = i32;
alias whole = i32;
const per = 4u;
struct Params{m:u32,n:u32,k:u32,batch:u32,a_step:u32,b_step:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> a:array<u32>;
@group(0)@binding(2)var<storage,read> b:array<u32>;
fn term_of(word:u32,i:u32)-> i32{
return bitcast<i32>(word <<(24 - 8 * i))>> 24;
}
override transpose_a:bool = false;
override transpose_b:bool = false;
override x:u32 = 16;
override y:u32 = 4;
override rows:u32 = 4;
override cols:u32 = 4;
override depth:u32 = 0;
override high:u32 = y * rows;
override wide:u32 = x * cols;
override fits:u32 = 1 / u32(rows <= 8 && cols <= 4 && high % per == 0 && wide % per == 0 && 256 % max(depth,1)== 0 && depth % per == 0);
const block_terms = 256u;
var<workgroup> part_a:array<term,fits * high * max(depth,1)>;
var<workgroup> part_b:array<term,fits * wide * max(depth,1)>;
override a_words:u32 = max(depth / per,1);
override b_words:u32 = wide / per;
fn column_word(at:u32,n:u32)-> u32{
return select((at + n * x)% b_words,at + n * x % b_words,b_words % x == 0);
}
fn column_term(at:u32,n:u32)-> u32{
return select((at + n * x)/ b_words,n * x / b_words,b_words % x == 0);
}
fn column(at:u32,n:u32)-> u32{
return column_word(at,n)* per + column_term(at,n);
}
fn across(n:u32)-> u32{
return(n + per - 1)/ per;
}
fn a_term(z:u32,i:u32,word:u32,e:u32)-> term{
if(transpose_a){
return term_of(a[z * p.a_step +(word * per + e)* across(p.m)+ i / per],i % per);
}
return term_of(a[z * p.a_step + i * across(p.k)+ word],e);
}
fn b_term(z:u32,word:u32,e:u32,left:u32,at:u32,n:u32)-> term{
if(transpose_b){
return term_of(b[z * p.b_step +(left + column(at,n))* across(p.k)+ word],e);
}
return term_of(b[z * p.b_step +(word * per + e)* across(p.n)+ left / per + column_word(at,n)],column_term(at,n));
}
fn put_a(group:vec3<u32>,k:u32,outer:u32,word:u32,e:u32,v:term){
let inner = word * per + e;
let i = select(outer,inner,transpose_a);
let j = select(inner,outer,transpose_a);
let at = i * depth + select(e * a_words + word,outer % per * a_words + outer / per,transpose_a);
part_a[at]= select(term(),v,group.y * high + i < p.m && k + j < p.k);
}
fn put_b(group:vec3<u32>,k:u32,outer:u32,word:u32,e:u32,v:term){
let inner = word * per + e;
let i = select(outer,inner,transpose_b);
let j = select(inner,outer,transpose_b);
let at = i * wide + select(e * b_words + word,outer % per * b_words + outer / per,transpose_b);
part_b[at]= select(term(),v,k + i < p.k && group.x * wide + j < p.n);
}
override a_outer:u32 = select(high,depth,transpose_a);
override a_inner:u32 = max(select(depth,high,transpose_a)/ per,1);
override b_outer:u32 = select(depth,wide,transpose_b);
override b_inner:u32 = max(select(wide,depth,transpose_b)/ per,1);
override a_along:u32 = min(a_inner,x * y);
override b_along:u32 = min(b_inner,x * y);
fn stage(index:u32,group:vec3<u32>,k:u32){
let a_start = group.z * p.a_step + select(k,group.y * high,transpose_a)/ per;
let a_row = select(group.y * high,k,transpose_a);
for(var r = 0u;r < a_outer;r += x * y / a_along){
for(var w = 0u;w < a_inner;w += a_along){
let outer = r + index / a_along;
let inner = w + index % a_along;
if(index / a_along < x * y / a_along && outer < a_outer && inner < a_inner){
let word = a[a_start +(a_row + outer)* across(select(p.k,p.m,transpose_a))+ inner];
put_a(group,k,outer,inner,0,term_of(word,0));
if(per > 1){put_a(group,k,outer,inner,1,term_of(word,1));}
if(per > 2){put_a(group,k,outer,inner,2,term_of(word,2));}
if(per > 2){put_a(group,k,outer,inner,3,term_of(word,3));}
}
}
}
let b_start = group.z * p.b_step + select(group.x * wide,k,transpose_b)/ per;
let b_row = select(k,group.x * wide,transpose_b);
for(var r = 0u;r < b_outer;r += x * y / b_along){
for(var w = 0u;w < b_inner;w += b_along){
let outer = r + index / b_along;
let inner = w + index % b_along;
if(index / b_along < x * y / b_along && outer < b_outer && inner < b_inner){
let word = b[b_start +(b_row + outer)* across(select(p.n,p.k,transpose_b))+ inner];
put_b(group,k,outer,inner,0,term_of(word,0));
if(per > 1){put_b(group,k,outer,inner,1,term_of(word,1));}
if(per > 2){put_b(group,k,outer,inner,2,term_of(word,2));}
if(per > 2){put_b(group,k,outer,inner,3,term_of(word,3));}
}
}
}
}
fn add_stored(sum:ptr<function,array<vec4<term>,8>>,local:vec3<u32>,d:u32,e:u32){
let i =(d * per + e)* wide + local.x;
let t = vec4(part_b[i],part_b[i + x],part_b[i + 2 * x],part_b[i + 3 * x]);
let j = local.y * rows * depth + e * a_words + d;
(*sum)[0]+= part_a[j]* t;
(*sum)[1]+= part_a[j + depth]* t;
(*sum)[2]+= part_a[j + 2 * depth]* t;
(*sum)[3]+= part_a[j + 3 * depth]* t;
(*sum)[4]+= part_a[j + 4 * depth]* t;
(*sum)[5]+= part_a[j + 5 * depth]* t;
(*sum)[6]+= part_a[j + 6 * depth]* t;
(*sum)[7]+= part_a[j + 7 * depth]* t;
}
fn add_read(sum:ptr<function,array<vec4<term>,8>>,z:u32,row:u32,left:u32,at:u32,word:u32,e:u32){
let t = vec4(b_term(z,word,e,left,at,0),b_term(z,word,e,left,at,1),
b_term(z,word,e,left,at,2),b_term(z,word,e,left,at,3));
(*sum)[0]+= a_term(z,row,word,e)* t;
(*sum)[1]+= a_term(z,row + 1,word,e)* t;
(*sum)[2]+= a_term(z,row + 2,word,e)* t;
(*sum)[3]+= a_term(z,row + 3,word,e)* t;
(*sum)[4]+= a_term(z,row + 4,word,e)* t;
(*sum)[5]+= a_term(z,row + 5,word,e)* t;
(*sum)[6]+= a_term(z,row + 6,word,e)* t;
(*sum)[7]+= a_term(z,row + 7,word,e)* t;
}
fn multiply(local:vec3<u32>,index:u32,group:vec3<u32>){
let z = group.z;
let row = group.y * high + local.y * rows;
let left = group.x * wide;
var total:array<vec4<whole>,8>;
for(var first = 0u;first < p.k;first += block_terms){
var sum:array<vec4<term>,8>;
let end = min(p.k,first + block_terms);
if(depth == 0){
for(var w = first / per;w < end / per;w++){
add_read(&sum,z,row,left,local.x,w,0);
if(per > 1){add_read(&sum,z,row,left,local.x,w,1);}
if(per > 2){add_read(&sum,z,row,left,local.x,w,2);}
if(per > 2){add_read(&sum,z,row,left,local.x,w,3);}
}
if(per > 1){
for(var k = end / per * per;k < end;k++){
add_read(&sum,z,row,left,local.x,k / per,k % per);
}
}
}else{
for(var k = first;k < end;k += depth){
workgroupBarrier();
stage(index,group,k);
workgroupBarrier();
for(var e = 0u;e < a_words;e++){
let d = e &(a_words - 1);
add_stored(&sum,local,d,0);
if(per > 1){add_stored(&sum,local,d,1);}
if(per > 2){add_stored(&sum,local,d,2);}
if(per > 2){add_stored(&sum,local,d,3);}
}
}
}
total[0]+= vec4<whole>(sum[0]);
total[1]+= vec4<whole>(sum[1]);
total[2]+= vec4<whole>(sum[2]);
total[3]+= vec4<whole>(sum[3]);
total[4]+= vec4<whole>(sum[4]);
total[5]+= vec4<whole>(sum[5]);
total[6]+= vec4<whole>(sum[6]);
total[7]+= vec4<whole>(sum[7]);
}
if(rows > 0){finish_row(z,row,left,local.x,total[0]);}
if(rows > 1){finish_row(z,row + 1,left,local.x,total[1]);}
if(rows > 2){finish_row(z,row + 2,left,local.x,total[2]);}
if(rows > 3){finish_row(z,row + 3,left,local.x,total[3]);}
if(rows > 4){finish_row(z,row + 4,left,local.x,total[4]);}
if(rows > 5){finish_row(z,row + 5,left,local.x,total[5]);}
if(rows > 6){finish_row(z,row + 6,left,local.x,total[6]);}
if(rows > 7){finish_row(z,row + 7,left,local.x,total[7]);}
}
fn finish_row(z:u32,row:u32,left:u32,at:u32,v:vec4<whole>){
if(row >= p.m){
return;
}
if(cols > 0 && left + column(at,0)< p.n){finish(z,row,left + column(at,0),v.x);}
if(cols > 1 && left + column(at,1)< p.n){finish(z,row,left + column(at,1),v.y);}
if(cols > 2 && left + column(at,2)< p.n){finish(z,row,left + column(at,2),v.z);}
if(cols > 3 && left + column(at,3)< p.n){finish(z,row,left + column(at,3),v.w);}
}
override accumulate:bool = false;
@group(0)@binding(3)var<storage,read_write> c:array<i32>;
fn finish(z:u32,row:u32,col:u32,sum:i32){
let at =(z * p.m + row)* p.n + col;
var v = sum;
if(accumulate){
v += c[at];
}
c[at]= v;
}
@compute @workgroup_size(x,y)
fn matmul_i8(@builtin(local_invocation_id)local:vec3<u32>,@builtin(local_invocation_index)index:u32,
@builtin(workgroup_id)group:vec3<u32>){
multiply(local,index,group);
}
"#,
};

/// matmul_i8_scaled: C = activation(A B + bias) of quantised operands, a scale for each row of A and each column of B.
///
/// **Shapes**: m, n, k, batch, a_step, b_step; a\[m, k\] (transpose_a: \[k, m\]), b\[k, n\] (transpose_b: \[n, k\]) int8, four in a
/// word, the first in the lowest bits, rows in whole words; row_scale\[batch, m\], col_scale\[n\], bias\[n\] (read with
/// with_bias only), c\[m, n\] f32. Matrix z of the batch starts at word z a_step of a, z b_step of b (0: all share one) and
/// element z m n of c.
///
/// **Order**: v = the sum, exact in i32, rounded to f32; v = v \* row_scale\[i\]; v = v \* col_scale\[j\]; with_bias: v = v + bias\[j\];
/// v = activation(v).
///
/// **Error**: of the scaled sum, 3 2^-24 of it.
///
/// **Grid**: ceil(n / (x cols)), ceil(m / (y rows)), batch.
pub static MATMUL_I8_SCALED: Op = Op {
    name: "matmul_i8_scaled",
    params: &[
        Param { name: "m", float: false },
        Param { name: "n", float: false },
        Param { name: "k", float: false },
        Param { name: "batch", float: false },
        Param { name: "a_step", float: false },
        Param { name: "b_step", float: false },
    ],
    bindings: &[
        Binding { name: "a", elem: "u32", writable: false },
        Binding { name: "b", elem: "u32", writable: false },
        Binding { name: "row_scale", elem: "f32", writable: false },
        Binding { name: "col_scale", elem: "f32", writable: false },
        Binding { name: "bias", elem: "f32", writable: false },
        Binding { name: "c", elem: "f32", writable: true },
    ],
    overrides: &[
        Override { name: "activation", default: 0_f64 },
        Override { name: "transpose_a", default: 0_f64 },
        Override { name: "transpose_b", default: 0_f64 },
        Override { name: "with_bias", default: 0_f64 },
    ],
    tile: &[
        Override { name: "cols", default: 4_f64 },
        Override { name: "depth", default: 0_f64 },
        Override { name: "rows", default: 4_f64 },
        Override { name: "x", default: 16_f64 },
        Override { name: "y", default: 4_f64 },
    ],
    grid: |p, t| [
        ceil(u64::from(p[1]), u64::from(t[3]).saturating_mul(u64::from(t[0]))),
        ceil(u64::from(p[0]), u64::from(t[4]).saturating_mul(u64::from(t[2]))),
        u64::from(p[3]),
    ],
    source: r#"alias term = i32;
alias whole = i32;
const per = 4u;
struct Params{m:u32,n:u32,k:u32,batch:u32,a_step:u32,b_step:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> a:array<u32>;
@group(0)@binding(2)var<storage,read> b:array<u32>;
fn term_of(word:u32,i:u32)-> i32{
return bitcast<i32>(word <<(24 - 8 * i))>> 24;
}
override transpose_a:bool = false;
override transpose_b:bool = false;
override x:u32 = 16;
override y:u32 = 4;
override rows:u32 = 4;
override cols:u32 = 4;
override depth:u32 = 0;
override high:u32 = y * rows;
override wide:u32 = x * cols;
override fits:u32 = 1 / u32(rows <= 8 && cols <= 4 && high % per == 0 && wide % per == 0 && 256 % max(depth,1)== 0 && depth % per == 0);
const block_terms = 256u;
var<workgroup> part_a:array<term,fits * high * max(depth,1)>;
var<workgroup> part_b:array<term,fits * wide * max(depth,1)>;
override a_words:u32 = max(depth / per,1);
override b_words:u32 = wide / per;
fn column_word(at:u32,n:u32)-> u32{
return select((at + n * x)% b_words,at + n * x % b_words,b_words % x == 0);
}
fn column_term(at:u32,n:u32)-> u32{
return select((at + n * x)/ b_words,n * x / b_words,b_words % x == 0);
}
fn column(at:u32,n:u32)-> u32{
return column_word(at,n)* per + column_term(at,n);
}
fn across(n:u32)-> u32{
return(n + per - 1)/ per;
}
fn a_term(z:u32,i:u32,word:u32,e:u32)-> term{
if(transpose_a){
return term_of(a[z * p.a_step +(word * per + e)* across(p.m)+ i / per],i % per);
}
return term_of(a[z * p.a_step + i * across(p.k)+ word],e);
}
fn b_term(z:u32,word:u32,e:u32,left:u32,at:u32,n:u32)-> term{
if(transpose_b){
return term_of(b[z * p.b_step +(left + column(at,n))* across(p.k)+ word],e);
}
return term_of(b[z * p.b_step +(word * per + e)* across(p.n)+ left / per + column_word(at,n)],column_term(at,n));
}
fn put_a(group:vec3<u32>,k:u32,outer:u32,word:u32,e:u32,v:term){
let inner = word * per + e;
let i = select(outer,inner,transpose_a);
let j = select(inner,outer,transpose_a);
let at = i * depth + select(e * a_words + word,outer % per * a_words + outer / per,transpose_a);
part_a[at]= select(term(),v,group.y * high + i < p.m && k + j < p.k);
}
fn put_b(group:vec3<u32>,k:u32,outer:u32,word:u32,e:u32,v:term){
let inner = word * per + e;
let i = select(outer,inner,transpose_b);
let j = select(inner,outer,transpose_b);
let at = i * wide + select(e * b_words + word,outer % per * b_words + outer / per,transpose_b);
part_b[at]= select(term(),v,k + i < p.k && group.x * wide + j < p.n);
}
override a_outer:u32 = select(high,depth,transpose_a);
override a_inner:u32 = max(select(depth,high,transpose_a)/ per,1);
override b_outer:u32 = select(depth,wide,transpose_b);
override b_inner:u32 = max(select(wide,depth,transpose_b)/ per,1);
override a_along:u32 = min(a_inner,x * y);
override b_along:u32 = min(b_inner,x * y);
fn stage(index:u32,group:vec3<u32>,k:u32){
let a_start = group.z * p.a_step + select(k,group.y * high,transpose_a)/ per;
let a_row = select(group.y * high,k,transpose_a);
for(var r = 0u;r < a_outer;r += x * y / a_along){
for(var w = 0u;w < a_inner;w += a_along){
let outer = r + index / a_along;
let inner = w + index % a_along;
if(index / a_along < x * y / a_along && outer < a_outer && inner < a_inner){
let word = a[a_start +(a_row + outer)* across(select(p.k,p.m,transpose_a))+ inner];
put_a(group,k,outer,inner,0,term_of(word,0));
if(per > 1){put_a(group,k,outer,inner,1,term_of(word,1));}
if(per > 2){put_a(group,k,outer,inner,2,term_of(word,2));}
if(per > 2){put_a(group,k,outer,inner,3,term_of(word,3));}
}
}
}
let b_start = group.z * p.b_step + select(group.x * wide,k,transpose_b)/ per;
let b_row = select(k,group.x * wide,transpose_b);
for(var r = 0u;r < b_outer;r += x * y / b_along){
for(var w = 0u;w < b_inner;w += b_along){
let outer = r + index / b_along;
let inner = w + index % b_along;
if(index / b_along < x * y / b_along && outer < b_outer && inner < b_inner){
let word = b[b_start +(b_row + outer)* across(select(p.n,p.k,transpose_b))+ inner];
put_b(group,k,outer,inner,0,term_of(word,0));
if(per > 1){put_b(group,k,outer,inner,1,term_of(word,1));}
if(per > 2){put_b(group,k,outer,inner,2,term_of(word,2));}
if(per > 2){put_b(group,k,outer,inner,3,term_of(word,3));}
}
}
}
}
fn add_stored(sum:ptr<function,array<vec4<term>,8>>,local:vec3<u32>,d:u32,e:u32){
let i =(d * per + e)* wide + local.x;
let t = vec4(part_b[i],part_b[i + x],part_b[i + 2 * x],part_b[i + 3 * x]);
let j = local.y * rows * depth + e * a_words + d;
(*sum)[0]+= part_a[j]* t;
(*sum)[1]+= part_a[j + depth]* t;
(*sum)[2]+= part_a[j + 2 * depth]* t;
(*sum)[3]+= part_a[j + 3 * depth]* t;
(*sum)[4]+= part_a[j + 4 * depth]* t;
(*sum)[5]+= part_a[j + 5 * depth]* t;
(*sum)[6]+= part_a[j + 6 * depth]* t;
(*sum)[7]+= part_a[j + 7 * depth]* t;
}
fn add_read(sum:ptr<function,array<vec4<term>,8>>,z:u32,row:u32,left:u32,at:u32,word:u32,e:u32){
let t = vec4(b_term(z,word,e,left,at,0),b_term(z,word,e,left,at,1),
b_term(z,word,e,left,at,2),b_term(z,word,e,left,at,3));
(*sum)[0]+= a_term(z,row,word,e)* t;
(*sum)[1]+= a_term(z,row + 1,word,e)* t;
(*sum)[2]+= a_term(z,row + 2,word,e)* t;
(*sum)[3]+= a_term(z,row + 3,word,e)* t;
(*sum)[4]+= a_term(z,row + 4,word,e)* t;
(*sum)[5]+= a_term(z,row + 5,word,e)* t;
(*sum)[6]+= a_term(z,row + 6,word,e)* t;
(*sum)[7]+= a_term(z,row + 7,word,e)* t;
}
fn multiply(local:vec3<u32>,index:u32,group:vec3<u32>){
let z = group.z;
let row = group.y * high + local.y * rows;
let left = group.x * wide;
var total:array<vec4<whole>,8>;
for(var first = 0u;first < p.k;first += block_terms){
var sum:array<vec4<term>,8>;
let end = min(p.k,first + block_terms);
if(depth == 0){
for(var w = first / per;w < end / per;w++){
add_read(&sum,z,row,left,local.x,w,0);
if(per > 1){add_read(&sum,z,row,left,local.x,w,1);}
if(per > 2){add_read(&sum,z,row,left,local.x,w,2);}
if(per > 2){add_read(&sum,z,row,left,local.x,w,3);}
}
if(per > 1){
for(var k = end / per * per;k < end;k++){
add_read(&sum,z,row,left,local.x,k / per,k % per);
}
}
}else{
for(var k = first;k < end;k += depth){
workgroupBarrier();
stage(index,group,k);
workgroupBarrier();
for(var e = 0u;e < a_words;e++){
let d = e &(a_words - 1);
add_stored(&sum,local,d,0);
if(per > 1){add_stored(&sum,local,d,1);}
if(per > 2){add_stored(&sum,local,d,2);}
if(per > 2){add_stored(&sum,local,d,3);}
}
}
}
total[0]+= vec4<whole>(sum[0]);
total[1]+= vec4<whole>(sum[1]);
total[2]+= vec4<whole>(sum[2]);
total[3]+= vec4<whole>(sum[3]);
total[4]+= vec4<whole>(sum[4]);
total[5]+= vec4<whole>(sum[5]);
total[6]+= vec4<whole>(sum[6]);
total[7]+= vec4<whole>(sum[7]);
}
if(rows > 0){finish_row(z,row,left,local.x,total[0]);}
if(rows > 1){finish_row(z,row + 1,left,local.x,total[1]);}
if(rows > 2){finish_row(z,row + 2,left,local.x,total[2]);}
if(rows > 3){finish_row(z,row + 3,left,local.x,total[3]);}
if(rows > 4){finish_row(z,row + 4,left,local.x,total[4]);}
if(rows > 5){finish_row(z,row + 5,left,local.x,total[5]);}
if(rows > 6){finish_row(z,row + 6,left,local.x,total[6]);}
if(rows > 7){finish_row(z,row + 7,left,local.x,total[7]);}
}
fn finish_row(z:u32,row:u32,left:u32,at:u32,v:vec4<whole>){
if(row >= p.m){
return;
}
if(cols > 0 && left + column(at,0)< p.n){finish(z,row,left + column(at,0),v.x);}
if(cols > 1 && left + column(at,1)< p.n){finish(z,row,left + column(at,1),v.y);}
if(cols > 2 && left + column(at,2)< p.n){finish(z,row,left + column(at,2),v.z);}
if(cols > 3 && left + column(at,3)< p.n){finish(z,row,left + column(at,3),v.w);}
}
fn domain(x:f32)-> f32{
return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);
}
fn domain_bf16(bits:u32)-> f32{
return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);
}
fn activation_relu(x:f32)-> f32{
return select(0.0,x,x > 0.0);
}
struct Gate{e:f32,r:f32}
fn activation_gate(t:u32,far:bool)-> Gate{
let g = f32(i32(t & 0x7fffff)- 0x400000);
let q = 0x1.5be054p-49 + g *(-0x1.418820p-74 + g *(0x1.c0921ap-100 + g * -0x1.eca6f0p-126));
let p = 0x1.6a09e8p-1 + g *(-0x1.f5e45ap-25 + g * q);
let e = select(p * bitcast<f32>(0x3f800000 -(t & 0x1f800000)),0.0,far);
let bits = clamp(bitcast<u32>(1.0 + e),0x3f800000,0x40000000);
let d = bitcast<f32>(bits);
let r0 = bitcast<f32>(0x7ef31000 - bits);
let r1 = r0 *(2.0 - d * r0);
let r2 = r1 *(2.0 - d * r1);
let r3 = r2 + r2 *(1.0 - d * r2);
return Gate(e,bitcast<f32>(clamp(bitcast<u32>(r3),0x3f000000,0x3f800000)));
}
fn gated(g:Gate,x:f32)-> f32{
return select(g.r,g.e * g.r,bitcast<u32>(x)>= 0x80000000);
}
fn sigmoid_gate(x:f32)-> Gate{
let size = bitcast<u32>(x)& 0x7fffffff;
let m = u32(i32(bitcast<f32>(clamp(size,0x32800000,0x42313333))* 0x1p24));
let high = m >> 15;
let t = high * 23637 +((high * 7573 +(m & 0x7fff)* 47274 + 0x8000)>> 16);
return activation_gate(t,size >= 0x42313333);
}
fn gelu_gate(x:f32)-> Gate{
let size = bitcast<u32>(x)& 0x7fffffff;
let a = bitcast<f32>(clamp(size,0x32800000,0x40f40000));
return activation_gate(u32(i32(a *(19312322.0 + 863550.5 *(a * a)))),size >= 0x40f40000);
}
fn is_nan(x:f32)-> bool{
return(bitcast<u32>(x)& 0x7fffffff)> 0x7f800000;
}
fn activation_sigmoid(x:f32)-> f32{
return select(gated(sigmoid_gate(x),x),x + 1.0,is_nan(x));
}
fn activation_silu(x:f32)-> f32{
return domain(x)* gated(sigmoid_gate(x),x);
}
fn activation_gelu(x:f32)-> f32{
return domain(x)* gated(gelu_gate(x),x);
}
fn activation_tanh(x:f32)-> f32{
return tanh(x);
}
override activation:u32 = 0;
fn activated(x:f32)-> f32{
switch(activation){
case 1:{return activation_relu(x);}
case 2:{return activation_gelu(x);}
case 3:{return activation_silu(x);}
case 4:{return activation_tanh(x);}
case 5:{return activation_sigmoid(x);}
default:{return x;}
}
}
override with_bias:bool = false;
@group(0)@binding(3)var<storage,read> row_scale:array<f32>;
@group(0)@binding(4)var<storage,read> col_scale:array<f32>;
@group(0)@binding(5)var<storage,read> bias:array<f32>;
@group(0)@binding(6)var<storage,read_write> c:array<f32>;
fn finish(z:u32,row:u32,col:u32,sum:i32){
var v = f32(sum)* row_scale[z * p.m + row]* col_scale[col];
if(with_bias){
v = v + bias[col];
}
c[(z * p.m + row)* p.n + col]= activated(v);
}
@compute @workgroup_size(x,y)
fn matmul_i8_scaled(@builtin(local_invocation_id)local:vec3<u32>,@builtin(local_invocation_index)index:u32,
@builtin(workgroup_id)group:vec3<u32>){
multiply(local,index,group);
}
"#,
};

/// conv2d: Y = activation(W \* X + bias), the convolution (as usual a correlation) of images with filters.
///
/// **Shapes**: batch, groups, channels, height, width, filters, out_height, out_width, kernel_y, kernel_x, pad_y, pad_x;
/// image\[batch, channels, height, width\], weight\[filters, channels, kernel_y, kernel_x\] (channels / groups of them in each
/// filter), bias\[filters\] (read with with_bias only), out\[batch, filters, out_height, out_width\] f32. groups divides channels
/// and filters. Rows and columns of zeros are thought around the image, pad_y above and pad_x left of it and as many as
/// the output asks for after it; strides and dilations are overrides.
///
/// **Order**: the sum goes over channels of the group, ky, kx, ascending, in blocks of max(floor(256 / (kernel_y kernel_x)), 1)
/// channels: block = +0; block = block + weight image, the product rounded, then the sum; total = +0; total = total + block.
/// Elements of both below 2^-51 in magnitude, and those outside of the image, count as +0. Then, where it is asked for,
/// v = v + bias; v = activation(v).
///
/// **Error**: of the sum, (terms in a block + blocks) 2^-24 sum \|weight image\|, and 2^-51 (\|weight\| + \|image\|) for each pair that
/// the domain leaves out.
///
/// **Grid**: ceil(out_width / (x cols)), out_height ceil(filters / groups / (y rows)), batch groups.
pub static CONV2D: Op = Op {
    name: "conv2d",
    params: &[
        Param { name: "batch", float: false },
        Param { name: "groups", float: false },
        Param { name: "channels", float: false },
        Param { name: "height", float: false },
        Param { name: "width", float: false },
        Param { name: "filters", float: false },
        Param { name: "out_height", float: false },
        Param { name: "out_width", float: false },
        Param { name: "kernel_y", float: false },
        Param { name: "kernel_x", float: false },
        Param { name: "pad_y", float: false },
        Param { name: "pad_x", float: false },
    ],
    bindings: &[
        Binding { name: "image", elem: "f32", writable: false },
        Binding { name: "weight", elem: "f32", writable: false },
        Binding { name: "bias", elem: "f32", writable: false },
        Binding { name: "out", elem: "f32", writable: true },
    ],
    overrides: &[
        Override { name: "activation", default: 0_f64 },
        Override { name: "dilation_x", default: 1_f64 },
        Override { name: "dilation_y", default: 1_f64 },
        Override { name: "stride_x", default: 1_f64 },
        Override { name: "stride_y", default: 1_f64 },
        Override { name: "with_bias", default: 0_f64 },
    ],
    tile: &[
        Override { name: "cols", default: 4_f64 },
        Override { name: "rows", default: 4_f64 },
        Override { name: "x", default: 8_f64 },
        Override { name: "y", default: 4_f64 },
    ],
    grid: |p, t| [
        ceil(u64::from(p[7]), u64::from(t[2]).saturating_mul(u64::from(t[0]))),
        u64::from(p[6]).saturating_mul(ceil(div(u64::from(p[5]), max(u64::from(p[1]), 1_u64)), u64::from(t[3]).saturating_mul(u64::from(t[1])))),
        u64::from(p[0]).saturating_mul(max(u64::from(p[1]), 1_u64)),
    ],
    source: r#"fn domain(x:f32)-> f32{
return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);
}
fn domain_bf16(bits:u32)-> f32{
return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);
}
fn activation_relu(x:f32)-> f32{
return select(0.0,x,x > 0.0);
}
struct Gate{e:f32,r:f32}
fn activation_gate(t:u32,far:bool)-> Gate{
let g = f32(i32(t & 0x7fffff)- 0x400000);
let q = 0x1.5be054p-49 + g *(-0x1.418820p-74 + g *(0x1.c0921ap-100 + g * -0x1.eca6f0p-126));
let p = 0x1.6a09e8p-1 + g *(-0x1.f5e45ap-25 + g * q);
let e = select(p * bitcast<f32>(0x3f800000 -(t & 0x1f800000)),0.0,far);
let bits = clamp(bitcast<u32>(1.0 + e),0x3f800000,0x40000000);
let d = bitcast<f32>(bits);
let r0 = bitcast<f32>(0x7ef31000 - bits);
let r1 = r0 *(2.0 - d * r0);
let r2 = r1 *(2.0 - d * r1);
let r3 = r2 + r2 *(1.0 - d * r2);
return Gate(e,bitcast<f32>(clamp(bitcast<u32>(r3),0x3f000000,0x3f800000)));
}
fn gated(g:Gate,x:f32)-> f32{
return select(g.r,g.e * g.r,bitcast<u32>(x)>= 0x80000000);
}
fn sigmoid_gate(x:f32)-> Gate{
let size = bitcast<u32>(x)& 0x7fffffff;
let m = u32(i32(bitcast<f32>(clamp(size,0x32800000,0x42313333))* 0x1p24));
let high = m >> 15;
let t = high * 23637 +((high * 7573 +(m & 0x7fff)* 47274 + 0x8000)>> 16);
return activation_gate(t,size >= 0x42313333);
}
fn gelu_gate(x:f32)-> Gate{
let size = bitcast<u32>(x)& 0x7fffffff;
let a = bitcast<f32>(clamp(size,0x32800000,0x40f40000));
return activation_gate(u32(i32(a *(19312322.0 + 863550.5 *(a * a)))),size >= 0x40f40000);
}
fn is_nan(x:f32)-> bool{
return(bitcast<u32>(x)& 0x7fffffff)> 0x7f800000;
}
fn activation_sigmoid(x:f32)-> f32{
return select(gated(sigmoid_gate(x),x),x + 1.0,is_nan(x));
}
fn activation_silu(x:f32)-> f32{
return domain(x)* gated(sigmoid_gate(x),x);
}
fn activation_gelu(x:f32)-> f32{
return domain(x)* gated(gelu_gate(x),x);
}
fn activation_tanh(x:f32)-> f32{
return tanh(x);
}
override activation:u32 = 0;
fn activated(x:f32)-> f32{
switch(activation){
case 1:{return activation_relu(x);}
case 2:{return activation_gelu(x);}
case 3:{return activation_silu(x);}
case 4:{return activation_tanh(x);}
case 5:{return activation_sigmoid(x);}
default:{return x;}
}
}
override stride_y:u32 = 1;
override stride_x:u32 = 1;
override dilation_y:u32 = 1;
override dilation_x:u32 = 1;
override x:u32 = 8;
override y:u32 = 4;
override rows:u32 = 4;
override cols:u32 = 4;
override fits:u32 = 1 / u32(rows <= 4 && cols <= 4);
struct Params{
batch:u32,groups:u32,channels:u32,height:u32,width:u32,filters:u32,out_height:u32,out_width:u32,
kernel_y:u32,kernel_x:u32,pad_y:u32,pad_x:u32,
}
@group(0)@binding(0)var<uniform> p:Params;
struct Place{image:u32,group:u32,channel:u32,row:u32,col:u32}
fn place_of(local:vec3<u32>,group:vec3<u32>)-> Place{
let tiles =(made()+ y * rows - 1)/(y * rows);
return Place(group.z / p.groups,group.z % p.groups,(group.y % tiles * y + local.y)* rows,group.y / tiles,group.x * x * cols + local.x);
}
fn convolve(at:Place)-> array<vec4<f32>,4>{
var total:array<vec4<f32>,4>;
let many = fits * max(256 / max(p.kernel_y * p.kernel_x,1),1);
for(var first = 0u;first < through();first += many){
var sum:array<vec4<f32>,4>;
let end = min(through(),first + many);
for(var c = first;c < end;c++){
for(var ky = 0u;ky < p.kernel_y;ky++){
for(var kx = 0u;kx < p.kernel_x;kx++){
let t = vec4(image_at(at,c,ky,kx,at.col),image_at(at,c,ky,kx,at.col + x),
image_at(at,c,ky,kx,at.col + 2 * x),image_at(at,c,ky,kx,at.col + 3 * x));
sum[0]+= weight_at(at,c,at.channel,ky,kx)* t;
sum[1]+= weight_at(at,c,at.channel + 1,ky,kx)* t;
sum[2]+= weight_at(at,c,at.channel + 2,ky,kx)* t;
sum[3]+= weight_at(at,c,at.channel + 3,ky,kx)* t;
}
}
}
total[0]+= sum[0];
total[1]+= sum[1];
total[2]+= sum[2];
total[3]+= sum[3];
}
return total;
}
fn store_row(at:Place,row:u32,wide:u32,v:vec4<f32>){
let channel = at.channel + row;
if(channel >= made()){
return;
}
if(cols > 0 && at.col < wide){finish(at,channel,at.col,v.x);}
if(cols > 1 && at.col + x < wide){finish(at,channel,at.col + x,v.y);}
if(cols > 2 && at.col + 2 * x < wide){finish(at,channel,at.col + 2 * x,v.z);}
if(cols > 3 && at.col + 3 * x < wide){finish(at,channel,at.col + 3 * x,v.w);}
}
fn store(at:Place,wide:u32,v:array<vec4<f32>,4>){
if(rows > 0){store_row(at,0,wide,v[0]);}
if(rows > 1){store_row(at,1,wide,v[1]);}
if(rows > 2){store_row(at,2,wide,v[2]);}
if(rows > 3){store_row(at,3,wide,v[3]);}
}
override with_bias:bool = false;
@group(0)@binding(1)var<storage,read> image:array<f32>;
@group(0)@binding(2)var<storage,read> weight:array<f32>;
@group(0)@binding(3)var<storage,read> bias:array<f32>;
@group(0)@binding(4)var<storage,read_write> out:array<f32>;
fn through()-> u32{
return p.channels / p.groups;
}
fn made()-> u32{
return p.filters / p.groups;
}
fn image_at(at:Place,c:u32,ky:u32,kx:u32,col:u32)-> f32{
let iy = at.row * stride_y + ky * dilation_y - p.pad_y;
let ix = col * stride_x + kx * dilation_x - p.pad_x;
let channel = at.image * p.channels + at.group * through()+ c;
return select(0.0,domain(image[(channel * p.height + iy)* p.width + ix]),iy < p.height && ix < p.width);
}
fn weight_at(at:Place,c:u32,channel:u32,ky:u32,kx:u32)-> f32{
let filter_row =(at.group * made()+ channel)* through()+ c;
return domain(weight[(filter_row * p.kernel_y + ky)* p.kernel_x + kx]);
}
fn finish(at:Place,channel:u32,col:u32,sum:f32){
let f = at.group * made()+ channel;
var v = sum;
if(with_bias){
v = v + bias[f];
}
out[((at.image * p.filters + f)* p.out_height + at.row)* p.out_width + col]= activated(v);
}
@compute @workgroup_size(x,y)
fn conv2d(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>){
let at = place_of(local,group);
store(at,p.out_width,convolve(at));
}
"#,
};

/// conv2d_grad_input: the gradient of conv2d for the images, from that of its output before the activation (activate_grad).
///
/// **Shapes**: batch, groups, channels, height, width, filters, out_height, out_width, kernel_y, kernel_x, pad_y, pad_x, and the
/// strides and dilations as conv2d had them; grad\[batch, filters, out_height, out_width\], weight\[filters, channels, kernel_y,
/// kernel_x\] (channels / groups of them in each filter), image_grad\[batch, channels, height, width\] f32.
///
/// **Order**: the sum goes over filters of the group, ky, kx, ascending, in blocks of max(floor(256 / (kernel_y kernel_x)), 1)
/// filters: block = +0; block = block + weight grad, the product rounded, then the sum; total = +0; total = total + block.
/// Elements of both below 2^-51 in magnitude, and places that the filter does not come to, count as +0. With accumulate the
/// result is image_grad + total.
///
/// **Error**: of the sum, (terms in a block + blocks) 2^-24 sum \|weight grad\|, and 2^-51 (\|weight\| + \|grad\|) for each pair that
/// the domain leaves out.
///
/// **Grid**: ceil(width / (x cols)), height ceil(channels / groups / (y rows)), batch groups.
pub static CONV2D_GRAD_INPUT: Op = Op {
    name: "conv2d_grad_input",
    params: &[
        Param { name: "batch", float: false },
        Param { name: "groups", float: false },
        Param { name: "channels", float: false },
        Param { name: "height", float: false },
        Param { name: "width", float: false },
        Param { name: "filters", float: false },
        Param { name: "out_height", float: false },
        Param { name: "out_width", float: false },
        Param { name: "kernel_y", float: false },
        Param { name: "kernel_x", float: false },
        Param { name: "pad_y", float: false },
        Param { name: "pad_x", float: false },
    ],
    bindings: &[
        Binding { name: "grad", elem: "f32", writable: false },
        Binding { name: "weight", elem: "f32", writable: false },
        Binding { name: "image_grad", elem: "f32", writable: true },
    ],
    overrides: &[
        Override { name: "accumulate", default: 0_f64 },
        Override { name: "dilation_x", default: 1_f64 },
        Override { name: "dilation_y", default: 1_f64 },
        Override { name: "stride_x", default: 1_f64 },
        Override { name: "stride_y", default: 1_f64 },
    ],
    tile: &[
        Override { name: "cols", default: 4_f64 },
        Override { name: "rows", default: 4_f64 },
        Override { name: "x", default: 8_f64 },
        Override { name: "y", default: 4_f64 },
    ],
    grid: |p, t| [
        ceil(u64::from(p[4]), u64::from(t[2]).saturating_mul(u64::from(t[0]))),
        u64::from(p[3]).saturating_mul(ceil(div(u64::from(p[2]), max(u64::from(p[1]), 1_u64)), u64::from(t[3]).saturating_mul(u64::from(t[1])))),
        u64::from(p[0]).saturating_mul(max(u64::from(p[1]), 1_u64)),
    ],
    source: r#"fn domain(x:f32)-> f32{
return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);
}
fn domain_bf16(bits:u32)-> f32{
return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);
}
override stride_y:u32 = 1;
override stride_x:u32 = 1;
override dilation_y:u32 = 1;
override dilation_x:u32 = 1;
override x:u32 = 8;
override y:u32 = 4;
override rows:u32 = 4;
override cols:u32 = 4;
override fits:u32 = 1 / u32(rows <= 4 && cols <= 4);
struct Params{
batch:u32,groups:u32,channels:u32,height:u32,width:u32,filters:u32,out_height:u32,out_width:u32,
kernel_y:u32,kernel_x:u32,pad_y:u32,pad_x:u32,
}
@group(0)@binding(0)var<uniform> p:Params;
struct Place{image:u32,group:u32,channel:u32,row:u32,col:u32}
fn place_of(local:vec3<u32>,group:vec3<u32>)-> Place{
let tiles =(made()+ y * rows - 1)/(y * rows);
return Place(group.z / p.groups,group.z % p.groups,(group.y % tiles * y + local.y)* rows,group.y / tiles,group.x * x * cols + local.x);
}
fn convolve(at:Place)-> array<vec4<f32>,4>{
var total:array<vec4<f32>,4>;
let many = fits * max(256 / max(p.kernel_y * p.kernel_x,1),1);
for(var first = 0u;first < through();first += many){
var sum:array<vec4<f32>,4>;
let end = min(through(),first + many);
for(var c = first;c < end;c++){
for(var ky = 0u;ky < p.kernel_y;ky++){
for(var kx = 0u;kx < p.kernel_x;kx++){
let t = vec4(image_at(at,c,ky,kx,at.col),image_at(at,c,ky,kx,at.col + x),
image_at(at,c,ky,kx,at.col + 2 * x),image_at(at,c,ky,kx,at.col + 3 * x));
sum[0]+= weight_at(at,c,at.channel,ky,kx)* t;
sum[1]+= weight_at(at,c,at.channel + 1,ky,kx)* t;
sum[2]+= weight_at(at,c,at.channel + 2,ky,kx)* t;
sum[3]+= weight_at(at,c,at.channel + 3,ky,kx)* t;
}
}
}
total[0]+= sum[0];
total[1]+= sum[1];
total[2]+= sum[2];
total[3]+= sum[3];
}
return total;
}
fn store_row(at:Place,row:u32,wide:u32,v:vec4<f32>){
let channel = at.channel + row;
if(channel >= made()){
return;
}
if(cols > 0 && at.col < wide){finish(at,channel,at.col,v.x);}
if(cols > 1 && at.col + x < wide){finish(at,channel,at.col + x,v.y);}
if(cols > 2 && at.col + 2 * x < wide){finish(at,channel,at.col + 2 * x,v.z);}
if(cols > 3 && at.col + 3 * x < wide){finish(at,channel,at.col + 3 * x,v.w);}
}
fn store(at:Place,wide:u32,v:array<vec4<f32>,4>){
if(rows > 0){store_row(at,0,wide,v[0]);}
if(rows > 1){store_row(at,1,wide,v[1]);}
if(rows > 2){store_row(at,2,wide,v[2]);}
if(rows > 3){store_row(at,3,wide,v[3]);}
}
override accumulate:bool = false;
@group(0)@binding(1)var<storage,read> grad:array<f32>;
@group(0)@binding(2)var<storage,read> weight:array<f32>;
@group(0)@binding(3)var<storage,read_write> image_grad:array<f32>;
fn through()-> u32{
return p.filters / p.groups;
}
fn made()-> u32{
return p.channels / p.groups;
}
fn image_at(at:Place,c:u32,ky:u32,kx:u32,col:u32)-> f32{
let down = at.row + p.pad_y - ky * dilation_y;
let right = col + p.pad_x - kx * dilation_x;
let oy = down / stride_y;
let ox = right / stride_x;
let hit = down % stride_y == 0 && right % stride_x == 0 && down < p.out_height * stride_y && right < p.out_width * stride_x;
let channel = at.image * p.filters + at.group * through()+ c;
return select(0.0,domain(grad[(channel * p.out_height + oy)* p.out_width + ox]),hit);
}
fn weight_at(at:Place,c:u32,channel:u32,ky:u32,kx:u32)-> f32{
let filter_row =(at.group * through()+ c)* made()+ channel;
return domain(weight[(filter_row * p.kernel_y + ky)* p.kernel_x + kx]);
}
fn finish(at:Place,channel:u32,col:u32,sum:f32){
let i =((at.image * p.channels + at.group * made()+ channel)* p.height + at.row)* p.width + col;
var v = sum;
if(accumulate){
v = image_grad[i]+ v;
}
image_grad[i]= v;
}
@compute @workgroup_size(x,y)
fn conv2d_grad_input(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>){
let at = place_of(local,group);
store(at,p.width,convolve(at));
}
"#,
};

/// conv2d_grad_weight: the gradient of conv2d for the filters, from that of its output before the activation (activate_grad).
/// That for bias is reduce_rows of grad, a row for each image and filter, and reduce_columns of what comes out.
///
/// **Shapes**: batch, groups, channels, height, width, filters, out_height, out_width, kernel_y, kernel_x, pad_y, pad_x, and the
/// strides and dilations as conv2d had them; image\[batch, channels, height, width\], grad\[batch, filters, out_height,
/// out_width\], weight_grad\[filters, channels, kernel_y, kernel_x\] f32 (channels / groups of them in each filter).
///
/// **Order**: line = +0; line = line + grad image along a row of the output, x ascending, the product rounded, then the sum;
/// plane = +0; plane = plane + line, y ascending; total = +0; total = total + plane, over the batch. Elements of both below
/// 2^-51 in magnitude, and those outside of the image, count as +0. With accumulate the result is weight_grad + total.
///
/// **Error**: of the sum, (out_width + out_height + batch) 2^-24 sum \|grad image\|, and 2^-51 (\|grad\| + \|image\|) for each pair that
/// the domain leaves out.
///
/// **Grid**: ceil(channels / groups kernel_y kernel_x / (x cols)), ceil(filters / groups / (y rows)), groups.
pub static CONV2D_GRAD_WEIGHT: Op = Op {
    name: "conv2d_grad_weight",
    params: &[
        Param { name: "batch", float: false },
        Param { name: "groups", float: false },
        Param { name: "channels", float: false },
        Param { name: "height", float: false },
        Param { name: "width", float: false },
        Param { name: "filters", float: false },
        Param { name: "out_height", float: false },
        Param { name: "out_width", float: false },
        Param { name: "kernel_y", float: false },
        Param { name: "kernel_x", float: false },
        Param { name: "pad_y", float: false },
        Param { name: "pad_x", float: false },
    ],
    bindings: &[
        Binding { name: "image", elem: "f32", writable: false },
        Binding { name: "grad", elem: "f32", writable: false },
        Binding { name: "weight_grad", elem: "f32", writable: true },
    ],
    overrides: &[
        Override { name: "accumulate", default: 0_f64 },
        Override { name: "dilation_x", default: 1_f64 },
        Override { name: "dilation_y", default: 1_f64 },
        Override { name: "stride_x", default: 1_f64 },
        Override { name: "stride_y", default: 1_f64 },
    ],
    tile: &[
        Override { name: "cols", default: 4_f64 },
        Override { name: "rows", default: 4_f64 },
        Override { name: "x", default: 16_f64 },
        Override { name: "y", default: 4_f64 },
    ],
    grid: |p, t| [
        ceil(div(u64::from(p[2]), max(u64::from(p[1]), 1_u64)).saturating_mul(u64::from(p[8])).saturating_mul(u64::from(p[9])), u64::from(t[2]).saturating_mul(u64::from(t[0]))),
        ceil(div(u64::from(p[5]), max(u64::from(p[1]), 1_u64)), u64::from(t[3]).saturating_mul(u64::from(t[1]))),
        max(u64::from(p[1]), 1_u64),
    ],
    source: r#"fn domain(x:f32)-> f32{
return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);
}
fn domain_bf16(bits:u32)-> f32{
return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);
}
override accumulate:bool = false;
override stride_y:u32 = 1;
override stride_x:u32 = 1;
override dilation_y:u32 = 1;
override dilation_x:u32 = 1;
override x:u32 = 16;
override y:u32 = 4;
override rows:u32 = 4;
override cols:u32 = 4;
override fits:u32 = 1 / u32(rows <= 4 && cols <= 4);
struct Params{
batch:u32,groups:u32,channels:u32,height:u32,width:u32,filters:u32,out_height:u32,out_width:u32,
kernel_y:u32,kernel_x:u32,pad_y:u32,pad_x:u32,
}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> image:array<f32>;
@group(0)@binding(2)var<storage,read> grad:array<f32>;
@group(0)@binding(3)var<storage,read_write> weight_grad:array<f32>;
struct Tap{channel:u32,down:u32,right:u32}
fn tap(group:u32,i:u32)-> Tap{
let kx = i % p.kernel_x;
let ky = i / p.kernel_x % p.kernel_y;
let c = i / p.kernel_x / p.kernel_y;
return Tap(group *(p.channels / p.groups)+ c,ky * dilation_y - p.pad_y,kx * dilation_x - p.pad_x);
}
fn image_at(n:u32,t:Tap,oy:u32,ox:u32)-> f32{
let iy = oy * stride_y + t.down;
let ix = ox * stride_x + t.right;
return select(0.0,domain(image[((n * p.channels + t.channel)* p.height + iy)* p.width + ix]),iy < p.height && ix < p.width);
}
fn grad_at(n:u32,f:u32,oy:u32,ox:u32)-> f32{
return domain(grad[((n * p.filters + f)* p.out_height + oy)* p.out_width + ox]);
}
fn finish(f:u32,i:u32,weights:u32,sum:f32){
if(i >= weights){
return;
}
let at = f * weights + i;
var v = sum;
if(accumulate){
v = weight_grad[at]+ v;
}
weight_grad[at]= v;
}
fn finish_row(group:u32,row:u32,i:u32,v:vec4<f32>){
let made = p.filters / p.groups;
if(row >= made){
return;
}
let f = group * made + row;
let weights = p.channels / p.groups * p.kernel_y * p.kernel_x;
if(cols > 0){finish(f,i,weights,v.x);}
if(cols > 1){finish(f,i + x,weights,v.y);}
if(cols > 2){finish(f,i + 2 * x,weights,v.z);}
if(cols > 3){finish(f,i + 3 * x,weights,v.w);}
}
@compute @workgroup_size(x,y)
fn conv2d_grad_weight(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>){
let i = group.x * x * cols + local.x;
let row = fits *(group.y * y + local.y)* rows;
let f = group.z *(p.filters / p.groups)+ row;
let t0 = tap(group.z,i);
let t1 = tap(group.z,i + x);
let t2 = tap(group.z,i + 2 * x);
let t3 = tap(group.z,i + 3 * x);
var total:array<vec4<f32>,4>;
for(var n = 0u;n < p.batch;n++){
var plane:array<vec4<f32>,4>;
for(var oy = 0u;oy < p.out_height;oy++){
var line:array<vec4<f32>,4>;
for(var ox = 0u;ox < p.out_width;ox++){
let t = vec4(image_at(n,t0,oy,ox),image_at(n,t1,oy,ox),image_at(n,t2,oy,ox),image_at(n,t3,oy,ox));
line[0]+= grad_at(n,f,oy,ox)* t;
line[1]+= grad_at(n,f + 1,oy,ox)* t;
line[2]+= grad_at(n,f + 2,oy,ox)* t;
line[3]+= grad_at(n,f + 3,oy,ox)* t;
}
plane[0]+= line[0];
plane[1]+= line[1];
plane[2]+= line[2];
plane[3]+= line[3];
}
total[0]+= plane[0];
total[1]+= plane[1];
total[2]+= plane[2];
total[3]+= plane[3];
}
if(rows > 0){finish_row(group.z,row,i,total[0]);}
if(rows > 1){finish_row(group.z,row + 1,i,total[1]);}
if(rows > 2){finish_row(group.z,row + 2,i,total[2]);}
if(rows > 3){finish_row(group.z,row + 3,i,total[3]);}
}
"#,
};

/// activate: y = f(x) for n numbers, f chosen by the override activation: 1 relu, 2 gelu, 3 silu, 4 tanh, 5 sigmoid.
///
/// **Shapes**: n; x\[n\], y\[n\] f32.
///
/// **Order**: the chain of f in include/activation.wgsl.
///
/// **Error**: relu none, tanh 0.5, sigmoid 3, silu 4 units in the last place of the result; gelu 4 and, as its argument is rounded,
/// 2 \|z\| more where z = 1.6 x + 0.07 x^3; for gelu and silu 2^-51 besides, for sigmoid 2^-63.
///
/// **Grid**: ceil(n / size) workgroups, folded into rows of 65,535 in y.
pub static ACTIVATE: Op = Op {
    name: "activate",
    params: &[
        Param { name: "n", float: false },
    ],
    bindings: &[
        Binding { name: "x", elem: "f32", writable: false },
        Binding { name: "y", elem: "f32", writable: true },
    ],
    overrides: &[
        Override { name: "activation", default: 0_f64 },
    ],
    tile: &[
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, t| [
        min(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"override size:u32 = 64;
fn point_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{
return(group.y * groups.x + group.x)* size + local;
}
fn domain(x:f32)-> f32{
return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);
}
fn domain_bf16(bits:u32)-> f32{
return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);
}
fn activation_relu(x:f32)-> f32{
return select(0.0,x,x > 0.0);
}
struct Gate{e:f32,r:f32}
fn activation_gate(t:u32,far:bool)-> Gate{
let g = f32(i32(t & 0x7fffff)- 0x400000);
let q = 0x1.5be054p-49 + g *(-0x1.418820p-74 + g *(0x1.c0921ap-100 + g * -0x1.eca6f0p-126));
let p = 0x1.6a09e8p-1 + g *(-0x1.f5e45ap-25 + g * q);
let e = select(p * bitcast<f32>(0x3f800000 -(t & 0x1f800000)),0.0,far);
let bits = clamp(bitcast<u32>(1.0 + e),0x3f800000,0x40000000);
let d = bitcast<f32>(bits);
let r0 = bitcast<f32>(0x7ef31000 - bits);
let r1 = r0 *(2.0 - d * r0);
let r2 = r1 *(2.0 - d * r1);
let r3 = r2 + r2 *(1.0 - d * r2);
return Gate(e,bitcast<f32>(clamp(bitcast<u32>(r3),0x3f000000,0x3f800000)));
}
fn gated(g:Gate,x:f32)-> f32{
return select(g.r,g.e * g.r,bitcast<u32>(x)>= 0x80000000);
}
fn sigmoid_gate(x:f32)-> Gate{
let size = bitcast<u32>(x)& 0x7fffffff;
let m = u32(i32(bitcast<f32>(clamp(size,0x32800000,0x42313333))* 0x1p24));
let high = m >> 15;
let t = high * 23637 +((high * 7573 +(m & 0x7fff)* 47274 + 0x8000)>> 16);
return activation_gate(t,size >= 0x42313333);
}
fn gelu_gate(x:f32)-> Gate{
let size = bitcast<u32>(x)& 0x7fffffff;
let a = bitcast<f32>(clamp(size,0x32800000,0x40f40000));
return activation_gate(u32(i32(a *(19312322.0 + 863550.5 *(a * a)))),size >= 0x40f40000);
}
fn is_nan(x:f32)-> bool{
return(bitcast<u32>(x)& 0x7fffffff)> 0x7f800000;
}
fn activation_sigmoid(x:f32)-> f32{
return select(gated(sigmoid_gate(x),x),x + 1.0,is_nan(x));
}
fn activation_silu(x:f32)-> f32{
return domain(x)* gated(sigmoid_gate(x),x);
}
fn activation_gelu(x:f32)-> f32{
return domain(x)* gated(gelu_gate(x),x);
}
fn activation_tanh(x:f32)-> f32{
return tanh(x);
}
override activation:u32 = 0;
fn activated(x:f32)-> f32{
switch(activation){
case 1:{return activation_relu(x);}
case 2:{return activation_gelu(x);}
case 3:{return activation_silu(x);}
case 4:{return activation_tanh(x);}
case 5:{return activation_sigmoid(x);}
default:{return x;}
}
}
struct Params{n:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> x:array<f32>;
@group(0)@binding(2)var<storage,read_write> y:array<f32>;
@compute @workgroup_size(size)
fn activate(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
let i = point_of(local,group,groups);
if(i >= p.n){
return;
}
y[i]= activated(x[i]);
}
"#,
};

/// activate_grad: dx = dy f'(x) for n numbers: the gradient of activate.
///
/// **Shapes**: n; x\[n\] what activate was given, dy\[n\], dx\[n\] f32.
///
/// **Order**: the slope of include/activation_slope.wgsl at x, times dy, both of the domain (include/domain.wgsl);
/// relu has none at 0.
///
/// **Error**: 2^-20 (1 + \|dy\|) for \|x\| up to 64, for relu 2^-51.
///
/// **Grid**: ceil(n / size) workgroups, folded into rows of 65,535 in y.
pub static ACTIVATE_GRAD: Op = Op {
    name: "activate_grad",
    params: &[
        Param { name: "n", float: false },
    ],
    bindings: &[
        Binding { name: "x", elem: "f32", writable: false },
        Binding { name: "dy", elem: "f32", writable: false },
        Binding { name: "dx", elem: "f32", writable: true },
    ],
    overrides: &[
        Override { name: "activation", default: 0_f64 },
    ],
    tile: &[
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, t| [
        min(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"override size:u32 = 64;
fn point_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{
return(group.y * groups.x + group.x)* size + local;
}
fn domain(x:f32)-> f32{
return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);
}
fn domain_bf16(bits:u32)-> f32{
return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);
}
fn activation_relu(x:f32)-> f32{
return select(0.0,x,x > 0.0);
}
struct Gate{e:f32,r:f32}
fn activation_gate(t:u32,far:bool)-> Gate{
let g = f32(i32(t & 0x7fffff)- 0x400000);
let q = 0x1.5be054p-49 + g *(-0x1.418820p-74 + g *(0x1.c0921ap-100 + g * -0x1.eca6f0p-126));
let p = 0x1.6a09e8p-1 + g *(-0x1.f5e45ap-25 + g * q);
let e = select(p * bitcast<f32>(0x3f800000 -(t & 0x1f800000)),0.0,far);
let bits = clamp(bitcast<u32>(1.0 + e),0x3f800000,0x40000000);
let d = bitcast<f32>(bits);
let r0 = bitcast<f32>(0x7ef31000 - bits);
let r1 = r0 *(2.0 - d * r0);
let r2 = r1 *(2.0 - d * r1);
let r3 = r2 + r2 *(1.0 - d * r2);
return Gate(e,bitcast<f32>(clamp(bitcast<u32>(r3),0x3f000000,0x3f800000)));
}
fn gated(g:Gate,x:f32)-> f32{
return select(g.r,g.e * g.r,bitcast<u32>(x)>= 0x80000000);
}
fn sigmoid_gate(x:f32)-> Gate{
let size = bitcast<u32>(x)& 0x7fffffff;
let m = u32(i32(bitcast<f32>(clamp(size,0x32800000,0x42313333))* 0x1p24));
let high = m >> 15;
let t = high * 23637 +((high * 7573 +(m & 0x7fff)* 47274 + 0x8000)>> 16);
return activation_gate(t,size >= 0x42313333);
}
fn gelu_gate(x:f32)-> Gate{
let size = bitcast<u32>(x)& 0x7fffffff;
let a = bitcast<f32>(clamp(size,0x32800000,0x40f40000));
return activation_gate(u32(i32(a *(19312322.0 + 863550.5 *(a * a)))),size >= 0x40f40000);
}
fn is_nan(x:f32)-> bool{
return(bitcast<u32>(x)& 0x7fffffff)> 0x7f800000;
}
fn activation_sigmoid(x:f32)-> f32{
return select(gated(sigmoid_gate(x),x),x + 1.0,is_nan(x));
}
fn activation_silu(x:f32)-> f32{
return domain(x)* gated(sigmoid_gate(x),x);
}
fn activation_gelu(x:f32)-> f32{
return domain(x)* gated(gelu_gate(x),x);
}
fn activation_tanh(x:f32)-> f32{
return tanh(x);
}
override activation:u32 = 0;
fn activated(x:f32)-> f32{
switch(activation){
case 1:{return activation_relu(x);}
case 2:{return activation_gelu(x);}
case 3:{return activation_silu(x);}
case 4:{return activation_tanh(x);}
case 5:{return activation_sigmoid(x);}
default:{return x;}
}
}
fn gate_slope(g:Gate)-> f32{
return g.e * g.r * g.r;
}
fn sigmoid_slope(x:f32)-> f32{
return select(gate_slope(sigmoid_gate(x)),x + 1.0,is_nan(x));
}
fn gated_slope(x:f32,g:Gate,dz:f32)-> f32{
return gated(g,x)+ select(0.0,domain(domain(x)* gate_slope(g))* domain(dz),g.e > 0.0 || is_nan(x));
}
fn activation_slope(x:f32)-> f32{
switch(activation){
case 1:{return select(0.0,1.0,x > 0.0);}
case 2:{
let v = domain(x);
return gated_slope(x,gelu_gate(x),1.5957691216057308 + 0.21406444884775338 * domain(v * v));
}
case 3:{return gated_slope(x,sigmoid_gate(x),1.0);}
case 4:{return 4.0 * sigmoid_slope(2.0 * domain(x));}
case 5:{return sigmoid_slope(x);}
default:{return 1.0;}
}
}
struct Params{n:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> x:array<f32>;
@group(0)@binding(2)var<storage,read> dy:array<f32>;
@group(0)@binding(3)var<storage,read_write> dx:array<f32>;
@compute @workgroup_size(size)
fn activate_grad(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
let i = point_of(local,group,groups);
if(i >= p.n){
return;
}
dx[i]= domain(activation_slope(x[i]))* domain(dy[i]);
}
"#,
};

/// add: z = x + y for n numbers: a residual. Its gradient is dz for both.
///
/// **Shapes**: n; x\[n\], y\[n\], z\[n\] f32.
///
/// **Order**: one addition.
///
/// **Error**: 0.5 units in the last place.
///
/// **Grid**: ceil(n / size) workgroups, folded into rows of 65,535 in y.
pub static ADD: Op = Op {
    name: "add",
    params: &[
        Param { name: "n", float: false },
    ],
    bindings: &[
        Binding { name: "x", elem: "f32", writable: false },
        Binding { name: "y", elem: "f32", writable: false },
        Binding { name: "z", elem: "f32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, t| [
        min(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"override size:u32 = 64;
fn point_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{
return(group.y * groups.x + group.x)* size + local;
}
struct Params{n:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> x:array<f32>;
@group(0)@binding(2)var<storage,read> y:array<f32>;
@group(0)@binding(3)var<storage,read_write> z:array<f32>;
@compute @workgroup_size(size)
fn add(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
let i = point_of(local,group,groups);
if(i >= p.n){
return;
}
z[i]= x[i]+ y[i];
}
"#,
};

/// mul: z = x y for n numbers. Its gradients are mul too: dx = dz y and dy = dz x.
///
/// **Shapes**: n; x\[n\], y\[n\], z\[n\] f32.
///
/// **Order**: one multiplication.
///
/// **Error**: 0.5 units in the last place.
///
/// **Grid**: ceil(n / size) workgroups, folded into rows of 65,535 in y.
pub static MUL: Op = Op {
    name: "mul",
    params: &[
        Param { name: "n", float: false },
    ],
    bindings: &[
        Binding { name: "x", elem: "f32", writable: false },
        Binding { name: "y", elem: "f32", writable: false },
        Binding { name: "z", elem: "f32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, t| [
        min(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"override size:u32 = 64;
fn point_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{
return(group.y * groups.x + group.x)* size + local;
}
struct Params{n:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> x:array<f32>;
@group(0)@binding(2)var<storage,read> y:array<f32>;
@group(0)@binding(3)var<storage,read_write> z:array<f32>;
@compute @workgroup_size(size)
fn mul(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
let i = point_of(local,group,groups);
if(i >= p.n){
return;
}
z[i]= x[i]* y[i];
}
"#,
};

/// scale: y = a x for n numbers. Its gradient is scale too.
///
/// **Shapes**: n, a; x\[n\], y\[n\] f32.
///
/// **Order**: one multiplication.
///
/// **Error**: 0.5 units in the last place.
///
/// **Grid**: ceil(n / size) workgroups, folded into rows of 65,535 in y.
pub static SCALE: Op = Op {
    name: "scale",
    params: &[
        Param { name: "n", float: false },
        Param { name: "a", float: true },
    ],
    bindings: &[
        Binding { name: "x", elem: "f32", writable: false },
        Binding { name: "y", elem: "f32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, t| [
        min(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"override size:u32 = 64;
fn point_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{
return(group.y * groups.x + group.x)* size + local;
}
struct Params{n:u32,a:f32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> x:array<f32>;
@group(0)@binding(2)var<storage,read_write> y:array<f32>;
@compute @workgroup_size(size)
fn scale(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
let i = point_of(local,group,groups);
if(i >= p.n){
return;
}
y[i]= p.a * x[i];
}
"#,
};

/// axpy: z = a x + y for n numbers. Its gradients are scale of dz, and dz.
///
/// **Shapes**: n, a; x\[n\], y\[n\], z\[n\] f32.
///
/// **Order**: a multiplication, rounded, and an addition.
///
/// **Error**: 2^-24 (\|a x\| + \|z\|).
///
/// **Grid**: ceil(n / size) workgroups, folded into rows of 65,535 in y.
pub static AXPY: Op = Op {
    name: "axpy",
    params: &[
        Param { name: "n", float: false },
        Param { name: "a", float: true },
    ],
    bindings: &[
        Binding { name: "x", elem: "f32", writable: false },
        Binding { name: "y", elem: "f32", writable: false },
        Binding { name: "z", elem: "f32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, t| [
        min(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"override size:u32 = 64;
fn point_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{
return(group.y * groups.x + group.x)* size + local;
}
struct Params{n:u32,a:f32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> x:array<f32>;
@group(0)@binding(2)var<storage,read> y:array<f32>;
@group(0)@binding(3)var<storage,read_write> z:array<f32>;
@compute @workgroup_size(size)
fn axpy(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
let i = point_of(local,group,groups);
if(i >= p.n){
return;
}
z[i]= p.a * x[i]+ y[i];
}
"#,
};

/// bias_add: y = x + b, b repeated in every row. Its gradients are dy, and reduce_columns of dy.
///
/// **Shapes**: rows, n; x\[rows, n\], b\[n\], y\[rows, n\] f32.
///
/// **Order**: one addition.
///
/// **Error**: 0.5 units in the last place.
///
/// **Grid**: ceil(n / size) workgroups in x, ceil(rows / each) in y, folded into z.
pub static BIAS_ADD: Op = Op {
    name: "bias_add",
    params: &[
        Param { name: "rows", float: false },
        Param { name: "n", float: false },
    ],
    bindings: &[
        Binding { name: "x", elem: "f32", writable: false },
        Binding { name: "b", elem: "f32", writable: false },
        Binding { name: "y", elem: "f32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "each", default: 8_f64 },
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, t| [
        ceil(u64::from(p[1]), u64::from(t[1])),
        min(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64), 1_u64),
    ],
    source: r#"override size:u32 = 64;
fn rows_before(group:vec3<u32>,groups:vec3<u32>,each:u32)-> u32{
return(group.z * groups.y + group.y)* each;
}
override each:u32 = 8;
struct Params{rows:u32,n:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> x:array<f32>;
@group(0)@binding(2)var<storage,read> b:array<f32>;
@group(0)@binding(3)var<storage,read_write> y:array<f32>;
@compute @workgroup_size(size)
fn bias_add(@builtin(global_invocation_id)id:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
let c = id.x;
if(c >= p.n){
return;
}
let v = b[c];
let first = rows_before(group,groups,each);
let last = min(first + each,p.rows);
for(var r = first;r < last;r++){
y[r * p.n + c]= x[r * p.n + c]+ v;
}
}
"#,
};

/// broadcast: y\[r, c\] = factor v\[r\], or factor v\[c\] where the override columns is true: the gradient of reduce_rows and
/// reduce_columns of kind 0, with 1/divide as the factor. Of kind 1 it is that, factor doubled, times x (mul).
///
/// **Shapes**: rows, n, factor; v\[rows\] or v\[n\], y\[rows, n\] f32.
///
/// **Order**: one multiplication.
///
/// **Error**: 0.5 units in the last place.
///
/// **Grid**: ceil(n / size) workgroups in x, ceil(rows / each) in y, folded into z.
pub static BROADCAST: Op = Op {
    name: "broadcast",
    params: &[
        Param { name: "rows", float: false },
        Param { name: "n", float: false },
        Param { name: "factor", float: true },
    ],
    bindings: &[
        Binding { name: "v", elem: "f32", writable: false },
        Binding { name: "y", elem: "f32", writable: true },
    ],
    overrides: &[
        Override { name: "columns", default: 0_f64 },
    ],
    tile: &[
        Override { name: "each", default: 8_f64 },
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, t| [
        ceil(u64::from(p[1]), u64::from(t[1])),
        min(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64), 1_u64),
    ],
    source: r#"override size:u32 = 64;
fn rows_before(group:vec3<u32>,groups:vec3<u32>,each:u32)-> u32{
return(group.z * groups.y + group.y)* each;
}
override each:u32 = 8;
struct Params{rows:u32,n:u32,factor:f32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> v:array<f32>;
@group(0)@binding(2)var<storage,read_write> y:array<f32>;
override columns:bool = false;
@compute @workgroup_size(size)
fn broadcast(@builtin(global_invocation_id)id:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
let c = id.x;
if(c >= p.n){
return;
}
let first = rows_before(group,groups,each);
let last = min(first + each,p.rows);
for(var r = first;r < last;r++){
y[r * p.n + c]= v[select(r,c,columns)]* p.factor;
}
}
"#,
};

/// softmax: y = exp(scale x) / sum of exp(scale x) along each row, or its logarithm where the override logarithm is true.
/// The override mask says which columns of a row count: with 0 all; with 1 (causal) those up to r % period + offset; with 2
/// the first lengths\[r / period\]. The others come out as 0 (-Inf), as -Inf does; so does a row in which nothing else is left.
/// +Inf or a NaN that counts makes its row NaN.
///
/// **Shapes**: rows, n, scale, period, offset; x\[rows, n\] f32, lengths\[rows / period\] u32 (any one word but with mask 2),
/// y\[rows, n\] f32. period and offset are not looked at with mask 0.
///
/// **Order**: v = scale x, both of the domain (include/domain.wgsl); m = the greatest v; e = exp(v - m), 0 below 2^-94; s = the sum
/// of e as in include/chains.wgsl; y = e (1 / s), or (v - m) - log(s).
///
/// **Error**: 2^-24 (12 + n/128 + 3 max \|scale x\|) relative to y, and 2^-94; for the logarithm 2^-24 (12 + n/128 + 4 max \|scale x\|).
///
/// **Grid**: ceil(rows / rows of the tile) workgroups, folded into rows of 65,535 in y.
pub static SOFTMAX: Op = Op {
    name: "softmax",
    params: &[
        Param { name: "rows", float: false },
        Param { name: "n", float: false },
        Param { name: "scale", float: true },
        Param { name: "period", float: false },
        Param { name: "offset", float: false },
    ],
    bindings: &[
        Binding { name: "x", elem: "f32", writable: false },
        Binding { name: "lengths", elem: "u32", writable: false },
        Binding { name: "y", elem: "f32", writable: true },
    ],
    overrides: &[
        Override { name: "logarithm", default: 0_f64 },
        Override { name: "mask", default: 0_f64 },
    ],
    tile: &[
        Override { name: "rows", default: 2_f64 },
        Override { name: "width", default: 32_f64 },
    ],
    grid: |p, t| [
        min(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"fn infinity()-> f32{
let bits = 0x7f800000u;
return bitcast<f32>(bits);
}
fn not_a_number()-> f32{
let bits = 0x7fc00000u;
return bitcast<f32>(bits);
}
fn domain(x:f32)-> f32{
return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);
}
fn domain_bf16(bits:u32)-> f32{
return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);
}
fn addend(x:f32)-> f32{
return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x0c800000);
}
fn weight(e:f32)-> f32{
return select(0.0,e,(bitcast<u32>(e)& 0x7fffffff)>= 0x10800000);
}
fn share(r:f32)-> f32{
return select(0.0,r,(bitcast<u32>(r)& 0x7fffffff)>= 0x2f800000);
}
override width:u32 = 32;
override rows:u32 = 2;
struct Row{
index:u32,
there:bool,
start:u32,
n:u32,
slot:u32,
lane:u32,
}
fn row_of(local:vec3<u32>,group:vec3<u32>,groups:vec3<u32>,count:u32,n:u32)-> Row{
let index =(group.y * groups.x + group.x)* rows + local.y;
return Row(index,index < count,index * n,select(0,n,index < count),local.y,local.x);
}
fn cut(row:Row,total:u32)-> Row{
return Row(row.index,row.there,row.start,select(0,min(row.n,total - row.start),row.start < total),row.slot,row.lane);
}
const chains = 128u;
var<workgroup> chain:array<f32,rows * chains>;
var<workgroup> joined:array<f32,rows * 8>;
fn sum_of_row(row:Row,what:u32,a:f32,b:f32)-> f32{
for(var f = 0u;f < chains;f += width){
let c = f + row.lane;
var sum = 0.0;
for(var k = 0u;k < row.n;k += chains){
let i = k + c;
sum += select(0,term(what,row,i,a,b),i < row.n);
}
chain[row.slot * chains + c]= sum;
}
workgroupBarrier();
if(row.lane < 8){
let at = row.slot * chains + row.lane;
let s =(four_chains(at)+ four_chains(at + 64))+(four_chains(at + 32)+ four_chains(at + 96));
let t = s.xy + s.zw;
joined[8 * row.slot + row.lane]= t.x + t.y;
}
workgroupBarrier();
let s = four_joined(8 * row.slot)+ four_joined(8 * row.slot + 4);
let t = s.xy + s.zw;
return t.x + t.y;
}
fn max_of_row(row:Row,what:u32,a:f32,b:f32)-> f32{
for(var f = 0u;f < chains;f += width){
let c = f + row.lane;
var top = -infinity();
for(var k = 0u;k < row.n;k += chains){
let i = k + c;
top = max(top,select(-infinity(),term(what,row,i,a,b),i < row.n));
}
chain[row.slot * chains + c]= top;
}
workgroupBarrier();
if(row.lane < 8){
let at = row.slot * chains + row.lane;
let s = max(max(four_chains(at),four_chains(at + 64)),max(four_chains(at + 32),four_chains(at + 96)));
let t = max(s.xy,s.zw);
joined[8 * row.slot + row.lane]= max(t.x,t.y);
}
workgroupBarrier();
let s = max(four_joined(8 * row.slot),four_joined(8 * row.slot + 4));
let t = max(s.xy,s.zw);
return max(t.x,t.y);
}
fn four_chains(at:u32)-> vec4<f32>{
return vec4(chain[at],chain[at + 8],chain[at + 16],chain[at + 24]);
}
fn four_joined(at:u32)-> vec4<f32>{
return vec4(joined[at],joined[at + 1],joined[at + 2],joined[at + 3]);
}
struct Params{rows:u32,n:u32,scale:f32,period:u32,offset:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> x:array<f32>;
@group(0)@binding(2)var<storage,read> lengths:array<u32>;
@group(0)@binding(3)var<storage,read_write> y:array<f32>;
override mask:u32 = 0;
override logarithm:bool = false;
fn columns_of(row:u32)-> u32{
switch(mask){
case 1:{return min(p.n,row % p.period + p.offset + 1);}
case 2:{return min(p.n,lengths[row / p.period]);}
default:{return p.n;}
}
}
fn term(what:u32,row:Row,i:u32,m:f32,b:f32)-> f32{
let v = domain(p.scale)* domain(x[row.start + i]);
if(what == 0){
return v;
}
let e = weight(exp(v - m));
if(!logarithm && i < row.n){
y[row.start + i]= e;
}
return e;
}
@compute @workgroup_size(width,rows)
fn softmax(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
var row = row_of(local,group,groups,p.rows,p.n);
let all = row.n;
row.n = min(all,columns_of(row.index));
let top = max_of_row(row,0,0,0);
let m = select(top,0,top == -infinity());
let sum = sum_of_row(row,1,m,0);
if(logarithm){
let l = addend(select(log(sum),0,sum == 0));
for(var f = 0u;f < all;f += width){
let i = f + row.lane;
if(i < all){
y[row.start + i]= select(-infinity(),(term(0,row,i,0,0)- m)- l,i < row.n);
}
}
}else{
let part = share(select(1 / sum,0,sum == 0));
for(var f = 0u;f < all;f += width){
let i = f + row.lane;
if(i < all){
y[row.start + i]= select(0,weight(y[row.start + i])* part,i < row.n);
}
}
}
}
"#,
};

/// softmax_grad: the gradient of softmax, from what softmax gave.
///
/// **Shapes**: rows, n, scale; y\[rows, n\], dy\[rows, n\], dx\[rows, n\] f32; the override logarithm as it was for softmax.
///
/// **Order**: s = the sum of y dy as in include/chains.wgsl; dx = scale (y (dy - s)). For the logarithm columns with y = -Inf get
/// 0; s = the sum of dy over the others, and dx = scale (dy - exp(y) s). Factors are of
/// the domain (include/domain.wgsl), terms of that of sums (include/addend.wgsl).
///
/// **Error**: 2^-24 (6 + n/128) \|scale\| (max \|dy\| + sum of \|y dy\|, or of \|dy\| for the logarithm), and 2^-50 (1 + \|scale\|)
/// (1 + max \|dy\|).
///
/// **Grid**: ceil(rows / rows of the tile) workgroups, folded into rows of 65,535 in y.
pub static SOFTMAX_GRAD: Op = Op {
    name: "softmax_grad",
    params: &[
        Param { name: "rows", float: false },
        Param { name: "n", float: false },
        Param { name: "scale", float: true },
    ],
    bindings: &[
        Binding { name: "y", elem: "f32", writable: false },
        Binding { name: "dy", elem: "f32", writable: false },
        Binding { name: "dx", elem: "f32", writable: true },
    ],
    overrides: &[
        Override { name: "logarithm", default: 0_f64 },
    ],
    tile: &[
        Override { name: "rows", default: 2_f64 },
        Override { name: "width", default: 32_f64 },
    ],
    grid: |p, t| [
        min(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"fn infinity()-> f32{
let bits = 0x7f800000u;
return bitcast<f32>(bits);
}
fn not_a_number()-> f32{
let bits = 0x7fc00000u;
return bitcast<f32>(bits);
}
fn domain(x:f32)-> f32{
return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);
}
fn domain_bf16(bits:u32)-> f32{
return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);
}
fn addend(x:f32)-> f32{
return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x0c800000);
}
override width:u32 = 32;
override rows:u32 = 2;
struct Row{
index:u32,
there:bool,
start:u32,
n:u32,
slot:u32,
lane:u32,
}
fn row_of(local:vec3<u32>,group:vec3<u32>,groups:vec3<u32>,count:u32,n:u32)-> Row{
let index =(group.y * groups.x + group.x)* rows + local.y;
return Row(index,index < count,index * n,select(0,n,index < count),local.y,local.x);
}
fn cut(row:Row,total:u32)-> Row{
return Row(row.index,row.there,row.start,select(0,min(row.n,total - row.start),row.start < total),row.slot,row.lane);
}
const chains = 128u;
var<workgroup> chain:array<f32,rows * chains>;
var<workgroup> joined:array<f32,rows * 8>;
fn sum_of_row(row:Row,what:u32,a:f32,b:f32)-> f32{
for(var f = 0u;f < chains;f += width){
let c = f + row.lane;
var sum = 0.0;
for(var k = 0u;k < row.n;k += chains){
let i = k + c;
sum += select(0,term(what,row,i,a,b),i < row.n);
}
chain[row.slot * chains + c]= sum;
}
workgroupBarrier();
if(row.lane < 8){
let at = row.slot * chains + row.lane;
let s =(four_chains(at)+ four_chains(at + 64))+(four_chains(at + 32)+ four_chains(at + 96));
let t = s.xy + s.zw;
joined[8 * row.slot + row.lane]= t.x + t.y;
}
workgroupBarrier();
let s = four_joined(8 * row.slot)+ four_joined(8 * row.slot + 4);
let t = s.xy + s.zw;
return t.x + t.y;
}
fn max_of_row(row:Row,what:u32,a:f32,b:f32)-> f32{
for(var f = 0u;f < chains;f += width){
let c = f + row.lane;
var top = -infinity();
for(var k = 0u;k < row.n;k += chains){
let i = k + c;
top = max(top,select(-infinity(),term(what,row,i,a,b),i < row.n));
}
chain[row.slot * chains + c]= top;
}
workgroupBarrier();
if(row.lane < 8){
let at = row.slot * chains + row.lane;
let s = max(max(four_chains(at),four_chains(at + 64)),max(four_chains(at + 32),four_chains(at + 96)));
let t = max(s.xy,s.zw);
joined[8 * row.slot + row.lane]= max(t.x,t.y);
}
workgroupBarrier();
let s = max(four_joined(8 * row.slot),four_joined(8 * row.slot + 4));
let t = max(s.xy,s.zw);
return max(t.x,t.y);
}
fn four_chains(at:u32)-> vec4<f32>{
return vec4(chain[at],chain[at + 8],chain[at + 16],chain[at + 24]);
}
fn four_joined(at:u32)-> vec4<f32>{
return vec4(joined[at],joined[at + 1],joined[at + 2],joined[at + 3]);
}
struct Params{rows:u32,n:u32,scale:f32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> y:array<f32>;
@group(0)@binding(2)var<storage,read> dy:array<f32>;
@group(0)@binding(3)var<storage,read_write> dx:array<f32>;
override logarithm:bool = false;
fn term(what:u32,row:Row,i:u32,a:f32,b:f32)-> f32{
let v = y[row.start + i];
let d = dy[row.start + i];
if(logarithm){
return select(addend(d),0,v == -infinity());
}
return domain(v)* domain(d);
}
@compute @workgroup_size(width,rows)
fn softmax_grad(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
let row = row_of(local,group,groups,p.rows,p.n);
let sum = sum_of_row(row,0,0,0);
for(var f = 0u;f < row.n;f += width){
let i = f + row.lane;
if(i < row.n){
let v = y[row.start + i];
let d = dy[row.start + i];
if(logarithm){
dx[row.start + i]= select(domain(p.scale)* domain(addend(d)- domain(exp(v))* domain(sum)),0,v == -infinity());
}else{
dx[row.start + i]= domain(p.scale)* domain(domain(v)* domain(addend(d)- sum));
}
}
}
}
"#,
};

/// norm: LayerNorm along rows, y = (x - mean) / sqrt(variance + epsilon) gain + shift; where the override centred is false
/// RMSNorm, y = x / sqrt(mean square + epsilon) gain.
///
/// **Shapes**: rows, n, epsilon; x\[rows, n\], gain\[n\], shift\[n\] (any one word if not centred), y\[rows, n\], stats\[rows, 2\] f32:
/// the mean (0 if not centred) and 1 / sqrt(...), which norm_grad wants.
///
/// **Order**: mean = (sum of x) / n; d = x - mean; q = (sum of d d) / n; r = inverseSqrt(q + epsilon); y = ((d r) gain) + shift. Sums
/// as in include/chains.wgsl. Not centred, d is x and there is no shift. Factors are of the domain (include/domain.wgsl), terms of
/// that of sums (include/addend.wgsl).
///
/// **Error**: 2^-24 (20 + n/64) (\|gain\| max(\|x\|) r + \|shift\|), where max is over the row, and 2^-50 (1 + r) (1 + \|gain\|).
///
/// **Grid**: ceil(rows / rows of the tile) workgroups, folded into rows of 65,535 in y.
pub static NORM: Op = Op {
    name: "norm",
    params: &[
        Param { name: "rows", float: false },
        Param { name: "n", float: false },
        Param { name: "epsilon", float: true },
    ],
    bindings: &[
        Binding { name: "x", elem: "f32", writable: false },
        Binding { name: "gain", elem: "f32", writable: false },
        Binding { name: "shift", elem: "f32", writable: false },
        Binding { name: "y", elem: "f32", writable: true },
        Binding { name: "stats", elem: "f32", writable: true },
    ],
    overrides: &[
        Override { name: "centred", default: 1_f64 },
    ],
    tile: &[
        Override { name: "rows", default: 2_f64 },
        Override { name: "width", default: 32_f64 },
    ],
    grid: |p, t| [
        min(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"fn infinity()-> f32{
let bits = 0x7f800000u;
return bitcast<f32>(bits);
}
fn not_a_number()-> f32{
let bits = 0x7fc00000u;
return bitcast<f32>(bits);
}
fn domain(x:f32)-> f32{
return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);
}
fn domain_bf16(bits:u32)-> f32{
return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);
}
fn addend(x:f32)-> f32{
return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x0c800000);
}
override width:u32 = 32;
override rows:u32 = 2;
struct Row{
index:u32,
there:bool,
start:u32,
n:u32,
slot:u32,
lane:u32,
}
fn row_of(local:vec3<u32>,group:vec3<u32>,groups:vec3<u32>,count:u32,n:u32)-> Row{
let index =(group.y * groups.x + group.x)* rows + local.y;
return Row(index,index < count,index * n,select(0,n,index < count),local.y,local.x);
}
fn cut(row:Row,total:u32)-> Row{
return Row(row.index,row.there,row.start,select(0,min(row.n,total - row.start),row.start < total),row.slot,row.lane);
}
const chains = 128u;
var<workgroup> chain:array<f32,rows * chains>;
var<workgroup> joined:array<f32,rows * 8>;
fn sum_of_row(row:Row,what:u32,a:f32,b:f32)-> f32{
for(var f = 0u;f < chains;f += width){
let c = f + row.lane;
var sum = 0.0;
for(var k = 0u;k < row.n;k += chains){
let i = k + c;
sum += select(0,term(what,row,i,a,b),i < row.n);
}
chain[row.slot * chains + c]= sum;
}
workgroupBarrier();
if(row.lane < 8){
let at = row.slot * chains + row.lane;
let s =(four_chains(at)+ four_chains(at + 64))+(four_chains(at + 32)+ four_chains(at + 96));
let t = s.xy + s.zw;
joined[8 * row.slot + row.lane]= t.x + t.y;
}
workgroupBarrier();
let s = four_joined(8 * row.slot)+ four_joined(8 * row.slot + 4);
let t = s.xy + s.zw;
return t.x + t.y;
}
fn max_of_row(row:Row,what:u32,a:f32,b:f32)-> f32{
for(var f = 0u;f < chains;f += width){
let c = f + row.lane;
var top = -infinity();
for(var k = 0u;k < row.n;k += chains){
let i = k + c;
top = max(top,select(-infinity(),term(what,row,i,a,b),i < row.n));
}
chain[row.slot * chains + c]= top;
}
workgroupBarrier();
if(row.lane < 8){
let at = row.slot * chains + row.lane;
let s = max(max(four_chains(at),four_chains(at + 64)),max(four_chains(at + 32),four_chains(at + 96)));
let t = max(s.xy,s.zw);
joined[8 * row.slot + row.lane]= max(t.x,t.y);
}
workgroupBarrier();
let s = max(four_joined(8 * row.slot),four_joined(8 * row.slot + 4));
let t = max(s.xy,s.zw);
return max(t.x,t.y);
}
fn four_chains(at:u32)-> vec4<f32>{
return vec4(chain[at],chain[at + 8],chain[at + 16],chain[at + 24]);
}
fn four_joined(at:u32)-> vec4<f32>{
return vec4(joined[at],joined[at + 1],joined[at + 2],joined[at + 3]);
}
struct Params{rows:u32,n:u32,epsilon:f32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> x:array<f32>;
@group(0)@binding(2)var<storage,read> gain:array<f32>;
@group(0)@binding(3)var<storage,read> shift:array<f32>;
@group(0)@binding(4)var<storage,read_write> y:array<f32>;
@group(0)@binding(5)var<storage,read_write> stats:array<f32>;
override centred:bool = true;
fn from_mean(v:f32,mean:f32)-> f32{
if(centred){
return domain(addend(v)- addend(mean));
}
return domain(v);
}
fn term(what:u32,row:Row,i:u32,mean:f32,b:f32)-> f32{
let v = x[row.start + i];
if(what == 0){
return addend(v);
}
let d = from_mean(v,mean);
return d * d;
}
@compute @workgroup_size(width,rows)
fn norm(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
let row = row_of(local,group,groups,p.rows,p.n);
let count = f32(p.n);
var mean = 0.0;
if(centred){
mean = sum_of_row(row,0,0,0)/ count;
}
let r = inverseSqrt(sum_of_row(row,1,mean,0)/ count + p.epsilon);
for(var f = 0u;f < row.n;f += width){
let i = f + row.lane;
if(i < row.n){
let v = domain(from_mean(x[row.start + i],mean)* domain(r))* domain(gain[i]);
if(centred){
y[row.start + i]= v + addend(shift[i]);
}else{
y[row.start + i]= v;
}
}
}
if(row.lane == 0 && row.there){
stats[2 * row.index]= mean;
stats[2 * row.index + 1]= r;
}
}
"#,
};

/// norm_grad: the gradient of norm for x.
///
/// **Shapes**: rows, n; x\[rows, n\], gain\[n\], stats\[rows, 2\] what norm had and gave, dy\[rows, n\], dx\[rows, n\] f32; the override
/// centred as it was for norm.
///
/// **Order**: h = (x - mean) r; g = dy gain; a = (sum of g) / n; b = (sum of g h) / n; dx = r ((g - a) - h b). Sums as in
/// include/chains.wgsl. Not centred, h = x r, and a is left out. Factors are of the domain
/// (include/domain.wgsl), terms of that of sums (include/addend.wgsl).
///
/// **Error**: 2^-24 (16 + n/64) r max(\|g\|) (2 + h^2) where max is over the row, what the error of stats makes of it, and
/// 2^-50 (1 + r) (1 + max(\|g\|)) (1 + \|h\|).
///
/// **Grid**: ceil(rows / rows of the tile) workgroups, folded into rows of 65,535 in y.
pub static NORM_GRAD: Op = Op {
    name: "norm_grad",
    params: &[
        Param { name: "rows", float: false },
        Param { name: "n", float: false },
    ],
    bindings: &[
        Binding { name: "x", elem: "f32", writable: false },
        Binding { name: "gain", elem: "f32", writable: false },
        Binding { name: "stats", elem: "f32", writable: false },
        Binding { name: "dy", elem: "f32", writable: false },
        Binding { name: "dx", elem: "f32", writable: true },
    ],
    overrides: &[
        Override { name: "centred", default: 1_f64 },
    ],
    tile: &[
        Override { name: "rows", default: 2_f64 },
        Override { name: "width", default: 32_f64 },
    ],
    grid: |p, t| [
        min(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"fn infinity()-> f32{
let bits = 0x7f800000u;
return bitcast<f32>(bits);
}
fn not_a_number()-> f32{
let bits = 0x7fc00000u;
return bitcast<f32>(bits);
}
fn domain(x:f32)-> f32{
return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);
}
fn domain_bf16(bits:u32)-> f32{
return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);
}
fn addend(x:f32)-> f32{
return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x0c800000);
}
override width:u32 = 32;
override rows:u32 = 2;
struct Row{
index:u32,
there:bool,
start:u32,
n:u32,
slot:u32,
lane:u32,
}
fn row_of(local:vec3<u32>,group:vec3<u32>,groups:vec3<u32>,count:u32,n:u32)-> Row{
let index =(group.y * groups.x + group.x)* rows + local.y;
return Row(index,index < count,index * n,select(0,n,index < count),local.y,local.x);
}
fn cut(row:Row,total:u32)-> Row{
return Row(row.index,row.there,row.start,select(0,min(row.n,total - row.start),row.start < total),row.slot,row.lane);
}
const chains = 128u;
var<workgroup> chain:array<f32,rows * chains>;
var<workgroup> joined:array<f32,rows * 8>;
fn sum_of_row(row:Row,what:u32,a:f32,b:f32)-> f32{
for(var f = 0u;f < chains;f += width){
let c = f + row.lane;
var sum = 0.0;
for(var k = 0u;k < row.n;k += chains){
let i = k + c;
sum += select(0,term(what,row,i,a,b),i < row.n);
}
chain[row.slot * chains + c]= sum;
}
workgroupBarrier();
if(row.lane < 8){
let at = row.slot * chains + row.lane;
let s =(four_chains(at)+ four_chains(at + 64))+(four_chains(at + 32)+ four_chains(at + 96));
let t = s.xy + s.zw;
joined[8 * row.slot + row.lane]= t.x + t.y;
}
workgroupBarrier();
let s = four_joined(8 * row.slot)+ four_joined(8 * row.slot + 4);
let t = s.xy + s.zw;
return t.x + t.y;
}
fn max_of_row(row:Row,what:u32,a:f32,b:f32)-> f32{
for(var f = 0u;f < chains;f += width){
let c = f + row.lane;
var top = -infinity();
for(var k = 0u;k < row.n;k += chains){
let i = k + c;
top = max(top,select(-infinity(),term(what,row,i,a,b),i < row.n));
}
chain[row.slot * chains + c]= top;
}
workgroupBarrier();
if(row.lane < 8){
let at = row.slot * chains + row.lane;
let s = max(max(four_chains(at),four_chains(at + 64)),max(four_chains(at + 32),four_chains(at + 96)));
let t = max(s.xy,s.zw);
joined[8 * row.slot + row.lane]= max(t.x,t.y);
}
workgroupBarrier();
let s = max(four_joined(8 * row.slot),four_joined(8 * row.slot + 4));
let t = max(s.xy,s.zw);
return max(t.x,t.y);
}
fn four_chains(at:u32)-> vec4<f32>{
return vec4(chain[at],chain[at + 8],chain[at + 16],chain[at + 24]);
}
fn four_joined(at:u32)-> vec4<f32>{
return vec4(joined[at],joined[at + 1],joined[at + 2],joined[at + 3]);
}
struct Params{rows:u32,n:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> x:array<f32>;
@group(0)@binding(2)var<storage,read> gain:array<f32>;
@group(0)@binding(3)var<storage,read> stats:array<f32>;
@group(0)@binding(4)var<storage,read> dy:array<f32>;
@group(0)@binding(5)var<storage,read_write> dx:array<f32>;
override centred:bool = true;
fn h(row:Row,i:u32,mean:f32,r:f32)-> f32{
let v = x[row.start + i];
if(centred){
return domain(domain(addend(v)- addend(mean))* domain(r));
}
return domain(domain(v)* domain(r));
}
fn term(what:u32,row:Row,i:u32,mean:f32,r:f32)-> f32{
let g = domain(dy[row.start + i])* domain(gain[i]);
if(what == 0){
return g;
}
return domain(g)* h(row,i,mean,r);
}
@compute @workgroup_size(width,rows)
fn norm_grad(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
let row = row_of(local,group,groups,p.rows,p.n);
let count = f32(p.n);
let mean = stats[2 * row.index];
let r = stats[2 * row.index + 1];
var a = 0.0;
if(centred){
a = sum_of_row(row,0,0,0)/ count;
}
let b = sum_of_row(row,1,mean,r)/ count;
for(var f = 0u;f < row.n;f += width){
let i = f + row.lane;
if(i < row.n){
var g = term(0,row,i,0,0);
if(centred){
g -= addend(a);
}
dx[row.start + i]= domain(r)* domain(g - h(row,i,mean,r)* domain(b));
}
}
}
"#,
};

/// norm_grad_gain: the gradients of norm for gain and shift, in blocks of 256 rows that reduce_columns adds up, taking them
/// as a matrix of ceil(rows / 256) rows and 2 n columns (n if not centred, where there is no shift).
///
/// **Shapes**: rows, n; x\[rows, n\], stats\[rows, 2\] what norm had and gave, dy\[rows, n\], parts\[ceil(rows / 256), 2, n\] f32; the
/// override centred as it was for norm.
///
/// **Order**: h = (x - mean) r, or x r if not centred; the sum of dy h, then that of dy, each one chain over the rows of the block,
/// beginning with 0. Factors are of the domain (include/domain.wgsl), terms of that of sums (include/addend.wgsl).
///
/// **Error**: 2^-24 times the rows of the block plus 3, times the sum of \|dy\| (\|h\| + max \|x\| r), or of \|dy\|, and 2^-50
/// (1 + r) (1 + \|dy\|) (1 + \|h\|) for each row.
///
/// **Grid**: ceil(n / size) workgroups in x, ceil(rows / 256) in y, folded into z.
pub static NORM_GRAD_GAIN: Op = Op {
    name: "norm_grad_gain",
    params: &[
        Param { name: "rows", float: false },
        Param { name: "n", float: false },
    ],
    bindings: &[
        Binding { name: "x", elem: "f32", writable: false },
        Binding { name: "stats", elem: "f32", writable: false },
        Binding { name: "dy", elem: "f32", writable: false },
        Binding { name: "parts", elem: "f32", writable: true },
    ],
    overrides: &[
        Override { name: "centred", default: 1_f64 },
    ],
    tile: &[
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, t| [
        ceil(u64::from(p[1]), u64::from(t[0])),
        min(ceil(u64::from(p[0]), 256_u64), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), 256_u64), 65535_u64), 1_u64),
    ],
    source: r#"fn domain(x:f32)-> f32{
return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);
}
fn domain_bf16(bits:u32)-> f32{
return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);
}
fn addend(x:f32)-> f32{
return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x0c800000);
}
override size:u32 = 64;
fn rows_before(group:vec3<u32>,groups:vec3<u32>,each:u32)-> u32{
return(group.z * groups.y + group.y)* each;
}
struct Params{rows:u32,n:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> x:array<f32>;
@group(0)@binding(2)var<storage,read> stats:array<f32>;
@group(0)@binding(3)var<storage,read> dy:array<f32>;
@group(0)@binding(4)var<storage,read_write> parts:array<f32>;
override centred:bool = true;
@compute @workgroup_size(size)
fn norm_grad_gain(@builtin(global_invocation_id)id:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
let c = id.x;
let first = rows_before(group,groups,256);
if(c >= p.n || first >= p.rows){
return;
}
let last = min(first + 256,p.rows);
var gain = 0.0;
var shift = 0.0;
for(var row = first;row < last;row++){
let d = dy[row * p.n + c];
let r = stats[2 * row + 1];
if(centred){
gain += domain(d)* domain(domain(addend(x[row * p.n + c])- addend(stats[2 * row]))* domain(r));
shift += addend(d);
}else{
gain += domain(d)* domain(domain(x[row * p.n + c])* domain(r));
}
}
let block = first / 256;
if(centred){
parts[2 * block * p.n + c]= gain;
parts[(2 * block + 1)* p.n + c]= shift;
}else{
parts[block * p.n + c]= gain;
}
}
"#,
};

/// reduce_rows: one number from each row, by the override kind: 0 the sum, 1 the sum of squares, 2 the greatest, 3 the least.
/// Of everything: with n = 4096 and rows = ceil(total / 4096), and again on what comes out (with kind 0 after 1) until one is
/// left. The gradient of a sum is broadcast; of the greatest or least it is scatter of what argmax gave.
///
/// **Shapes**: rows, n, total, divide; x\[total\], y\[rows\] f32; the last row ends at total, which is rows n where it is full.
///
/// **Order**: the sum of x (of the domain of sums, include/addend.wgsl) or x x (of that of products, include/domain.wgsl) as in include/chains.wgsl, divided by divide: n for a mean, 1 for a sum. The greatest and the
/// least pass over NaN, are -Inf and +Inf where nothing is left, and take -0 as less than +0; they are not divided.
///
/// **Error**: 2^-24 (10 + n/128) (sum of \|x\| or x x) / divide, and 2^-102 for each element; the greatest
/// and least none.
///
/// **Grid**: ceil(rows / rows of the tile) workgroups, folded into rows of 65,535 in y.
pub static REDUCE_ROWS: Op = Op {
    name: "reduce_rows",
    params: &[
        Param { name: "rows", float: false },
        Param { name: "n", float: false },
        Param { name: "total", float: false },
        Param { name: "divide", float: true },
    ],
    bindings: &[
        Binding { name: "x", elem: "f32", writable: false },
        Binding { name: "y", elem: "f32", writable: true },
    ],
    overrides: &[
        Override { name: "kind", default: 0_f64 },
    ],
    tile: &[
        Override { name: "rows", default: 2_f64 },
        Override { name: "width", default: 32_f64 },
    ],
    grid: |p, t| [
        min(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"fn infinity()-> f32{
let bits = 0x7f800000u;
return bitcast<f32>(bits);
}
fn not_a_number()-> f32{
let bits = 0x7fc00000u;
return bitcast<f32>(bits);
}
fn domain(x:f32)-> f32{
return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);
}
fn domain_bf16(bits:u32)-> f32{
return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);
}
fn addend(x:f32)-> f32{
return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x0c800000);
}
override width:u32 = 32;
override rows:u32 = 2;
struct Row{
index:u32,
there:bool,
start:u32,
n:u32,
slot:u32,
lane:u32,
}
fn row_of(local:vec3<u32>,group:vec3<u32>,groups:vec3<u32>,count:u32,n:u32)-> Row{
let index =(group.y * groups.x + group.x)* rows + local.y;
return Row(index,index < count,index * n,select(0,n,index < count),local.y,local.x);
}
fn cut(row:Row,total:u32)-> Row{
return Row(row.index,row.there,row.start,select(0,min(row.n,total - row.start),row.start < total),row.slot,row.lane);
}
const chains = 128u;
var<workgroup> chain:array<f32,rows * chains>;
var<workgroup> joined:array<f32,rows * 8>;
fn sum_of_row(row:Row,what:u32,a:f32,b:f32)-> f32{
for(var f = 0u;f < chains;f += width){
let c = f + row.lane;
var sum = 0.0;
for(var k = 0u;k < row.n;k += chains){
let i = k + c;
sum += select(0,term(what,row,i,a,b),i < row.n);
}
chain[row.slot * chains + c]= sum;
}
workgroupBarrier();
if(row.lane < 8){
let at = row.slot * chains + row.lane;
let s =(four_chains(at)+ four_chains(at + 64))+(four_chains(at + 32)+ four_chains(at + 96));
let t = s.xy + s.zw;
joined[8 * row.slot + row.lane]= t.x + t.y;
}
workgroupBarrier();
let s = four_joined(8 * row.slot)+ four_joined(8 * row.slot + 4);
let t = s.xy + s.zw;
return t.x + t.y;
}
fn max_of_row(row:Row,what:u32,a:f32,b:f32)-> f32{
for(var f = 0u;f < chains;f += width){
let c = f + row.lane;
var top = -infinity();
for(var k = 0u;k < row.n;k += chains){
let i = k + c;
top = max(top,select(-infinity(),term(what,row,i,a,b),i < row.n));
}
chain[row.slot * chains + c]= top;
}
workgroupBarrier();
if(row.lane < 8){
let at = row.slot * chains + row.lane;
let s = max(max(four_chains(at),four_chains(at + 64)),max(four_chains(at + 32),four_chains(at + 96)));
let t = max(s.xy,s.zw);
joined[8 * row.slot + row.lane]= max(t.x,t.y);
}
workgroupBarrier();
let s = max(four_joined(8 * row.slot),four_joined(8 * row.slot + 4));
let t = max(s.xy,s.zw);
return max(t.x,t.y);
}
fn four_chains(at:u32)-> vec4<f32>{
return vec4(chain[at],chain[at + 8],chain[at + 16],chain[at + 24]);
}
fn four_joined(at:u32)-> vec4<f32>{
return vec4(joined[at],joined[at + 1],joined[at + 2],joined[at + 3]);
}
struct Params{rows:u32,n:u32,total:u32,divide:f32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> x:array<f32>;
@group(0)@binding(2)var<storage,read_write> y:array<f32>;
override kind:u32 = 0;
fn term(what:u32,row:Row,i:u32,a:f32,b:f32)-> f32{
let v = x[row.start + i];
switch(kind){
case 0:{return addend(v);}
case 1:{return domain(v)* domain(v);}
case 3:{return -v;}
default:{return v;}
}
}
@compute @workgroup_size(width,rows)
fn reduce_rows(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
let row = cut(row_of(local,group,groups,p.rows,p.n),p.total);
var one = 0.0;
switch(kind){
case 2:{one = max_of_row(row,0,0,0);}
case 3:{one = -max_of_row(row,0,0,0);}
default:{one = sum_of_row(row,0,0,0)/ p.divide;}
}
if(row.lane == 0 && row.there){
y[row.index]= one;
}
}
"#,
};

/// reduce_columns: one number from each column, by the override kind: 0 the sum, 1 the sum of squares, 2 the greatest, 3 the
/// least. It is made of blocks of 256 rows, and again of what comes out (with kind 0 after 1) until one row is left.
///
/// **Shapes**: rows, n, divide; x\[rows, n\], y\[ceil(rows / 256), n\] f32.
///
/// **Order**: one chain over the rows of the block, beginning with 0, of x (of the domain of sums, include/addend.wgsl) or x x (of
/// that of products, include/domain.wgsl), then divided by divide: 1 but, for a mean, the last time. The
/// greatest and the least pass over NaN, are -Inf and +Inf where nothing is left, and take -0 as less than +0; not divided.
///
/// **Error**: 2^-24 times the rows of the block plus 2, times (sum of \|x\| or x x) / divide, and 2^-102 for each element; the greatest
/// and least none.
///
/// **Grid**: ceil(n / size) workgroups in x, ceil(rows / 256) in y, folded into z.
pub static REDUCE_COLUMNS: Op = Op {
    name: "reduce_columns",
    params: &[
        Param { name: "rows", float: false },
        Param { name: "n", float: false },
        Param { name: "divide", float: true },
    ],
    bindings: &[
        Binding { name: "x", elem: "f32", writable: false },
        Binding { name: "y", elem: "f32", writable: true },
    ],
    overrides: &[
        Override { name: "kind", default: 0_f64 },
    ],
    tile: &[
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, t| [
        ceil(u64::from(p[1]), u64::from(t[0])),
        min(ceil(u64::from(p[0]), 256_u64), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), 256_u64), 65535_u64), 1_u64),
    ],
    source: r#"fn infinity()-> f32{
let bits = 0x7f800000u;
return bitcast<f32>(bits);
}
fn not_a_number()-> f32{
let bits = 0x7fc00000u;
return bitcast<f32>(bits);
}
fn domain(x:f32)-> f32{
return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);
}
fn domain_bf16(bits:u32)-> f32{
return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);
}
fn addend(x:f32)-> f32{
return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x0c800000);
}
override size:u32 = 64;
fn rows_before(group:vec3<u32>,groups:vec3<u32>,each:u32)-> u32{
return(group.z * groups.y + group.y)* each;
}
struct Params{rows:u32,n:u32,divide:f32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> x:array<f32>;
@group(0)@binding(2)var<storage,read_write> y:array<f32>;
override kind:u32 = 0;
@compute @workgroup_size(size)
fn reduce_columns(@builtin(global_invocation_id)id:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
let c = id.x;
let first = rows_before(group,groups,256);
if(c >= p.n || first >= p.rows){
return;
}
let last = min(first + 256,p.rows);
var one = select(select(infinity(),-infinity(),kind == 2),0,kind < 2);
for(var row = first;row < last;row++){
let v = x[row * p.n + c];
switch(kind){
case 0:{one += addend(v);}
case 1:{one += domain(v)* domain(v);}
case 2:{one = max(one,v);}
default:{one = min(one,v);}
}
}
y[first / 256 * p.n + c]= select(one,one / p.divide,kind < 2);
}
"#,
};

/// scatter: y\[r, c\] = v\[r\] where c = index\[r\], and 0 elsewhere: the gradient of the greatest or least of each row.
///
/// **Shapes**: rows, n; v\[rows\] f32, index\[rows\] u32, y\[rows, n\] f32.
///
/// **Order**: a copy.
///
/// **Error**: none.
///
/// **Grid**: ceil(n / size) workgroups in x, ceil(rows / each) in y, folded into z.
pub static SCATTER: Op = Op {
    name: "scatter",
    params: &[
        Param { name: "rows", float: false },
        Param { name: "n", float: false },
    ],
    bindings: &[
        Binding { name: "v", elem: "f32", writable: false },
        Binding { name: "index", elem: "u32", writable: false },
        Binding { name: "y", elem: "f32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "each", default: 8_f64 },
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, t| [
        ceil(u64::from(p[1]), u64::from(t[1])),
        min(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64), 1_u64),
    ],
    source: r#"override size:u32 = 64;
fn rows_before(group:vec3<u32>,groups:vec3<u32>,each:u32)-> u32{
return(group.z * groups.y + group.y)* each;
}
override each:u32 = 8;
struct Params{rows:u32,n:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> v:array<f32>;
@group(0)@binding(2)var<storage,read> index:array<u32>;
@group(0)@binding(3)var<storage,read_write> y:array<f32>;
@compute @workgroup_size(size)
fn scatter(@builtin(global_invocation_id)id:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
let c = id.x;
if(c >= p.n){
return;
}
let first = rows_before(group,groups,each);
let last = min(first + each,p.rows);
for(var r = first;r < last;r++){
y[r * p.n + c]= select(0,v[r],c == index[r]);
}
}
"#,
};

/// argmax: the column of the greatest element of each row, or of the least where the override least is true. The first of
/// equals wins, -0 equals +0, NaN never wins; a row without a number gives 0.
///
/// **Shapes**: rows, n; x\[rows, n\] f32, index\[rows\] u32.
///
/// **Order**: the comparison of whole numbers that rise with the elements, so that none is needed.
///
/// **Error**: none.
///
/// **Grid**: ceil(rows / rows of the tile) workgroups, folded into rows of 65,535 in y.
pub static ARGMAX: Op = Op {
    name: "argmax",
    params: &[
        Param { name: "rows", float: false },
        Param { name: "n", float: false },
    ],
    bindings: &[
        Binding { name: "x", elem: "u32", writable: false },
        Binding { name: "index", elem: "u32", writable: true },
    ],
    overrides: &[
        Override { name: "least", default: 0_f64 },
    ],
    tile: &[
        Override { name: "rows", default: 2_f64 },
        Override { name: "width", default: 32_f64 },
    ],
    grid: |p, t| [
        min(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"override width:u32 = 32;
override rows:u32 = 2;
struct Row{
index:u32,
there:bool,
start:u32,
n:u32,
slot:u32,
lane:u32,
}
fn row_of(local:vec3<u32>,group:vec3<u32>,groups:vec3<u32>,count:u32,n:u32)-> Row{
let index =(group.y * groups.x + group.x)* rows + local.y;
return Row(index,index < count,index * n,select(0,n,index < count),local.y,local.x);
}
fn cut(row:Row,total:u32)-> Row{
return Row(row.index,row.there,row.start,select(0,min(row.n,total - row.start),row.start < total),row.slot,row.lane);
}
fn order_of(bits:u32)-> u32{
let u = select(bits,0,bits == 0x80000000);
let rising = select(u | 0x80000000,~u,u >= 0x80000000);
return select(rising,0,(u & 0x7fffffff)> 0x7f800000);
}
const none = 0xffffffffu;
var<workgroup> best_keys:array<u32,rows * width>;
var<workgroup> best_places:array<u32,rows * width>;
fn winner(row:Row,key:u32,place:u32)-> u32{
let mine = row.slot * width;
best_keys[mine + row.lane]= key;
best_places[mine + row.lane]= place;
workgroupBarrier();
if(row.lane < 8){
best_of(mine,row.lane,8,width);
}
workgroupBarrier();
if(row.lane != 0){
return none;
}
best_of(mine,0,1,8);
return best_places[mine];
}
fn best_of(mine:u32,first:u32,stride:u32,end:u32){
var best = best_keys[mine + first];
var at = best_places[mine + first];
for(var k = first + stride;k < end;k += stride){
let key = best_keys[mine + k];
let place = best_places[mine + k];
let better = key > best ||(key == best && place < at);
best = select(best,key,better);
at = select(at,place,better);
}
best_keys[mine + first]= best;
best_places[mine + first]= at;
}
struct Params{rows:u32,n:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> x:array<u32>;
@group(0)@binding(2)var<storage,read_write> index:array<u32>;
override least:bool = false;
@compute @workgroup_size(width,rows)
fn argmax(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
let row = row_of(local,group,groups,p.rows,p.n);
var best = 0u;
var at = none;
for(var f = 0u;f < row.n;f += width){
let i = f + row.lane;
var v = x[row.start + i];
if(least){
v ^= 0x80000000;
}
let key = select(0,order_of(v),i < row.n);
at = select(at,i,key > best);
best = max(best,key);
}
at = winner(row,best,at);
if(row.lane == 0 && row.there){
index[row.index]= select(at,0,at == none);
}
}
"#,
};

/// top_k: the k greatest elements of each row, greatest first, and their columns; equal ones in the order of their columns, -0
/// equal to +0, NaN after everything else. Where k is more than n the rest has the value -Inf and the column 0xffffffff.
///
/// **Shapes**: rows, n, k; x\[rows, n\] f32, values\[rows, k\] f32, index\[rows, k\] u32. k is at most the override most (64, up to 1024);
/// what is beyond it comes out as if k were more than n.
///
/// **Order**: of whole numbers that rise with the elements; values are copies.
///
/// **Error**: none.
///
/// **Grid**: ceil(rows / rows of the tile) workgroups, folded into rows of 65,535 in y.
pub static TOP_K: Op = Op {
    name: "top_k",
    params: &[
        Param { name: "rows", float: false },
        Param { name: "n", float: false },
        Param { name: "k", float: false },
    ],
    bindings: &[
        Binding { name: "x", elem: "u32", writable: false },
        Binding { name: "values", elem: "u32", writable: true },
        Binding { name: "index", elem: "u32", writable: true },
    ],
    overrides: &[
        Override { name: "most", default: 64_f64 },
    ],
    tile: &[
        Override { name: "rows", default: 1_f64 },
        Override { name: "width", default: 32_f64 },
    ],
    grid: |p, t| [
        min(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"override width:u32 = 32;
override rows:u32 = 1;
struct Row{
index:u32,
there:bool,
start:u32,
n:u32,
slot:u32,
lane:u32,
}
fn row_of(local:vec3<u32>,group:vec3<u32>,groups:vec3<u32>,count:u32,n:u32)-> Row{
let index =(group.y * groups.x + group.x)* rows + local.y;
return Row(index,index < count,index * n,select(0,n,index < count),local.y,local.x);
}
fn cut(row:Row,total:u32)-> Row{
return Row(row.index,row.there,row.start,select(0,min(row.n,total - row.start),row.start < total),row.slot,row.lane);
}
fn order_of(bits:u32)-> u32{
let u = select(bits,0,bits == 0x80000000);
let rising = select(u | 0x80000000,~u,u >= 0x80000000);
return select(rising,0,(u & 0x7fffffff)> 0x7f800000);
}
struct Params{rows:u32,n:u32,k:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> x:array<u32>;
@group(0)@binding(2)var<storage,read_write> values:array<u32>;
@group(0)@binding(3)var<storage,read_write> index:array<u32>;
override most:u32 = 64;
var<workgroup> counts:array<atomic<u32>,rows * 256>;
var<workgroup> sixteens:array<u32,rows * 16>;
var<workgroup> above:array<u32,rows * width>;
var<workgroup> equal:array<u32,rows * width>;
var<workgroup> keys:array<u32,rows * most>;
var<workgroup> places:array<u32,rows * most>;
struct Limit{
key:u32,
take:u32,
}
fn find_limit(row:Row,wanted:u32)-> Limit{
let bins = 256 * row.slot;
var limit = Limit(0,wanted);
for(var shift = 24u;shift < 32;shift -= 8){
for(var f = 0u;f < 256;f += width){
atomicStore(&counts[bins + f + row.lane],0);
}
workgroupBarrier();
for(var f = 0u;f < row.n;f += width){
let i = f + row.lane;
let key = order_of(x[row.start + i]);
if(i < row.n &&((key ^ limit.key)>> shift)< 256){
atomicAdd(&counts[bins +((key >> shift)& 255)],1);
}
}
workgroupBarrier();
for(var s = row.lane;s < 16;s += width){
var sum = 0u;
for(var b = 0u;b < 16;b++){
sum += atomicLoad(&counts[bins + 16 * s + b]);
}
sixteens[16 * row.slot + s]= sum;
}
workgroupBarrier();
var s = 15u;
for(;s > 0 && sixteens[16 * row.slot + s]< limit.take;s--){
limit.take -= sixteens[16 * row.slot + s];
}
var digit = 16 * s + 15;
for(;digit > 16 * s && atomicLoad(&counts[bins + digit])< limit.take;digit--){
limit.take -= atomicLoad(&counts[bins + digit]);
}
limit.key |= digit << shift;
workgroupBarrier();
}
return limit;
}
@compute @workgroup_size(width,rows)
fn top_k(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
let row = row_of(local,group,groups,p.rows,p.n);
let wanted = min(min(p.k,most),row.n);
let limit = find_limit(row,wanted);
let part =(row.n + width - 1)/ width;
let first = min(row.lane * part,row.n);
let last = min(first + part,row.n);
var over = 0u;
var at = 0u;
for(var i = first;i < last;i++){
let key = order_of(x[row.start + i]);
over += u32(key > limit.key);
at += u32(key == limit.key);
}
above[row.slot * width + row.lane]= over;
equal[row.slot * width + row.lane]= at;
workgroupBarrier();
over = 0;
at = 0;
for(var k = 0u;k < row.lane;k++){
over += above[row.slot * width + k];
at += equal[row.slot * width + k];
}
let mine = row.slot * most;
let overs = wanted - limit.take;
for(var i = first;i < last;i++){
let key = order_of(x[row.start + i]);
if(key > limit.key){
keys[mine + over]= key;
places[mine + over]= i;
over++;
}else if(key == limit.key){
if(at < limit.take){
keys[mine + overs + at]= key;
places[mine + overs + at]= i;
}
at++;
}
}
workgroupBarrier();
for(var a = row.lane;a < wanted;a += width){
let key = keys[mine + a];
let place = places[mine + a];
var rank = 0u;
for(var b = 0u;b < wanted;b++){
let other = keys[mine + b];
rank += u32(other > key ||(other == key && places[mine + b]< place));
}
values[row.index * p.k + rank]= x[row.start + place];
index[row.index * p.k + rank]= place;
}
if(row.there){
for(var a = wanted + row.lane;a < p.k;a += width){
values[row.index * p.k + a]= 0xff800000;
index[row.index * p.k + a]= 0xffffffff;
}
}
}
"#,
};

/// sample: a column of each row, drawn with the probabilities softmax(inverse_temperature x): the greatest of
/// inverse_temperature x + g with g from the Gumbel distribution. -Inf and NaN are never drawn; a row of nothing else gives 0.
/// A temperature of 0 is argmax. For top-k and top-p see top_k and sample_top.
///
/// **Shapes**: rows, n, inverse_temperature, seed_low, seed_high, step; x\[rows, n\] f32, token\[rows\] u32. Each step draws anew.
///
/// **Order**: element i of row r has word i / 64 % 4 of Philox4x32-10 at the counter (i / 256 \* 64 + i % 64, r, 2, step);
/// u = (f32(word >> 9) + 0.5) 2^-23, g = -log(-log(u)), score = x inverse_temperature + g. The first of equal scores wins.
///
/// **Error**: none but of the probabilities: u has a resolution of 2^-24, so that what is less probable than that may never come.
///
/// **Grid**: ceil(rows / rows of the tile) workgroups, folded into rows of 65,535 in y.
pub static SAMPLE: Op = Op {
    name: "sample",
    params: &[
        Param { name: "rows", float: false },
        Param { name: "n", float: false },
        Param { name: "inverse_temperature", float: true },
        Param { name: "seed_low", float: false },
        Param { name: "seed_high", float: false },
        Param { name: "step", float: false },
    ],
    bindings: &[
        Binding { name: "x", elem: "f32", writable: false },
        Binding { name: "token", elem: "u32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "rows", default: 1_f64 },
        Override { name: "width", default: 64_f64 },
    ],
    grid: |p, t| [
        min(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"fn infinity()-> f32{
let bits = 0x7f800000u;
return bitcast<f32>(bits);
}
fn not_a_number()-> f32{
let bits = 0x7fc00000u;
return bitcast<f32>(bits);
}
override width:u32 = 64;
override rows:u32 = 1;
struct Row{
index:u32,
there:bool,
start:u32,
n:u32,
slot:u32,
lane:u32,
}
fn row_of(local:vec3<u32>,group:vec3<u32>,groups:vec3<u32>,count:u32,n:u32)-> Row{
let index =(group.y * groups.x + group.x)* rows + local.y;
return Row(index,index < count,index * n,select(0,n,index < count),local.y,local.x);
}
fn cut(row:Row,total:u32)-> Row{
return Row(row.index,row.there,row.start,select(0,min(row.n,total - row.start),row.start < total),row.slot,row.lane);
}
fn order_of(bits:u32)-> u32{
let u = select(bits,0,bits == 0x80000000);
let rising = select(u | 0x80000000,~u,u >= 0x80000000);
return select(rising,0,(u & 0x7fffffff)> 0x7f800000);
}
const none = 0xffffffffu;
var<workgroup> best_keys:array<u32,rows * width>;
var<workgroup> best_places:array<u32,rows * width>;
fn winner(row:Row,key:u32,place:u32)-> u32{
let mine = row.slot * width;
best_keys[mine + row.lane]= key;
best_places[mine + row.lane]= place;
workgroupBarrier();
if(row.lane < 8){
best_of(mine,row.lane,8,width);
}
workgroupBarrier();
if(row.lane != 0){
return none;
}
best_of(mine,0,1,8);
return best_places[mine];
}
fn best_of(mine:u32,first:u32,stride:u32,end:u32){
var best = best_keys[mine + first];
var at = best_places[mine + first];
for(var k = first + stride;k < end;k += stride){
let key = best_keys[mine + k];
let place = best_places[mine + k];
let better = key > best ||(key == best && place < at);
best = select(best,key,better);
at = select(at,place,better);
}
best_keys[mine + first]= best;
best_places[mine + first]= at;
}
fn product_high(a:u32,b:u32)-> u32{
let a0 = a & 0xffff;
let a1 = a >> 16;
let b0 = b & 0xffff;
let b1 = b >> 16;
let low = a1 * b0 +((a0 * b0)>> 16);
let middle = a0 * b1 +(low & 0xffff);
return a1 * b1 +(low >> 16)+(middle >> 16);
}
fn philox(counter:vec4<u32>,seed:vec2<u32>)-> vec4<u32>{
var c = counter;
var k = seed;
for(var round = 0;round < 10;round++){
c = vec4(product_high(0xcd9e8d57,c.z)^ c.y ^ k.x,0xcd9e8d57 * c.z,product_high(0xd2511f53,c.x)^ c.w ^ k.y,0xd2511f53 * c.x);
k += vec2(0x9e3779b9u,0xbb67ae85u);
}
return c;
}
fn first_of_four(k:u32)-> u32{
return k / 64 * 256 + k % 64;
}
fn unit(word:u32)-> f32{
return f32(word >> 8)* 0x1p-24;
}
struct Params{rows:u32,n:u32,inverse_temperature:f32,seed_low:u32,seed_high:u32,step:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> x:array<f32>;
@group(0)@binding(2)var<storage,read_write> token:array<u32>;
fn score(x:f32,word:u32)-> u32{
let u =(f32(word >> 9)+ 0.5)* 0x1p-23;
return select(order_of(bitcast<u32>(x * p.inverse_temperature - log(-log(u)))),0,x == -infinity());
}
@compute @workgroup_size(width,rows)
fn sample(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
let row = row_of(local,group,groups,p.rows,p.n);
var best = 0u;
var at = none;
for(var b = 0u;b < row.n;b += 256){
for(var f = 0u;f < 64;f += width){
let l = f + row.lane;
let words = philox(vec4(b / 4 + l,row.index,2,p.step),vec2(p.seed_low,p.seed_high));
for(var j = 0u;j < 4;j++){
let i = b + 64 * j + l;
let key = select(0,score(x[row.start + i],words[j]),i < row.n);
at = select(at,i,key > best);
best = max(best,key);
}
}
}
at = winner(row,best,at);
if(row.lane == 0 && row.there){
token[row.index]= select(at,0,at == none);
}
}
"#,
};

/// sample_top: one of the k candidates of each row that top_k gave, drawn with the probabilities
/// softmax(inverse_temperature value) among the first candidates that have the probability top_p together. A row with a NaN
/// among the candidates, or with none but -Inf, gives the first.
///
/// **Shapes**: rows, k, inverse_temperature, top_p, seed_low, seed_high, step; values\[rows, k\] f32, index\[rows, k\] u32, token\[rows\]
/// u32. Each step draws anew. top_p = 1 leaves all.
///
/// **Order**: e = exp((value - first value) inverse_temperature); their sums one chain from the first on, beginning with 0. The
/// candidates end with the first whose sum so far is at least top_p times that of all; with u = (word >> 8) 2^-24, word the
/// first of Philox4x32-10 at the counter (row, 0, 3, step), the first whose sum so far is greater than u times that of those
/// is drawn, or the last.
///
/// **Error**: 2^-24 (k + 4) of the probabilities.
///
/// **Grid**: ceil(rows / size) workgroups, folded into rows of 65,535 in y.
pub static SAMPLE_TOP: Op = Op {
    name: "sample_top",
    params: &[
        Param { name: "rows", float: false },
        Param { name: "k", float: false },
        Param { name: "inverse_temperature", float: true },
        Param { name: "top_p", float: true },
        Param { name: "seed_low", float: false },
        Param { name: "seed_high", float: false },
        Param { name: "step", float: false },
    ],
    bindings: &[
        Binding { name: "values", elem: "f32", writable: false },
        Binding { name: "index", elem: "u32", writable: false },
        Binding { name: "token", elem: "u32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, t| [
        min(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"override size:u32 = 64;
fn point_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{
return(group.y * groups.x + group.x)* size + local;
}
fn product_high(a:u32,b:u32)-> u32{
let a0 = a & 0xffff;
let a1 = a >> 16;
let b0 = b & 0xffff;
let b1 = b >> 16;
let low = a1 * b0 +((a0 * b0)>> 16);
let middle = a0 * b1 +(low & 0xffff);
return a1 * b1 +(low >> 16)+(middle >> 16);
}
fn philox(counter:vec4<u32>,seed:vec2<u32>)-> vec4<u32>{
var c = counter;
var k = seed;
for(var round = 0;round < 10;round++){
c = vec4(product_high(0xcd9e8d57,c.z)^ c.y ^ k.x,0xcd9e8d57 * c.z,product_high(0xd2511f53,c.x)^ c.w ^ k.y,0xd2511f53 * c.x);
k += vec2(0x9e3779b9u,0xbb67ae85u);
}
return c;
}
fn first_of_four(k:u32)-> u32{
return k / 64 * 256 + k % 64;
}
fn unit(word:u32)-> f32{
return f32(word >> 8)* 0x1p-24;
}
struct Params{
rows:u32,
k:u32,
inverse_temperature:f32,
top_p:f32,
seed_low:u32,
seed_high:u32,
step:u32,
}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> values:array<f32>;
@group(0)@binding(2)var<storage,read> index:array<u32>;
@group(0)@binding(3)var<storage,read_write> token:array<u32>;
fn weight(start:u32,j:u32)-> f32{
return exp((values[start + j]- values[start])* p.inverse_temperature);
}
@compute @workgroup_size(size)
fn sample_top(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
let row = point_of(local,group,groups);
if(row >= p.rows){
return;
}
let start = row * p.k;
var all = 0.0;
for(var j = 0u;j < p.k;j++){
all += weight(start,j);
}
var sum = 0.0;
var last = 0u;
for(var j = 0u;j < p.k;j++){
sum += weight(start,j);
if(sum >= p.top_p * all){
last = j;
break;
}
}
let line = unit(philox(vec4(row,0,3,p.step),vec2(p.seed_low,p.seed_high)).x)* sum;
var at = last;
sum = 0.0;
for(var j = 0u;j < last;j++){
sum += weight(start,j);
if(sum > line){
at = j;
break;
}
}
token[row]= index[start + at];
}
"#,
};

/// random: n numbers from a seed, by the override distribution: 0 uniform from a up to a + b, 1 normal with mean a and deviation b.
///
/// **Shapes**: n, stream, seed_low, seed_high, a, b; y\[n\] f32. Different streams of one seed are independent.
///
/// **Order**: element i has word i / 64 % 4 of Philox4x32-10 at the counter (i / 256 \* 64 + i % 64, stream, 0, 0). Uniform: a + b u,
/// where u = (word >> 8) 2^-24. Normal, by Box and Muller: words 0 and 1, and 2 and 3, are pairs v, w that give
/// r = sqrt(-2 log(f32(v) 2^-32 + 2^-33)) and t = f32(w) 2^-32 6.2831855; the element of v is a + b (r cos(t)), that of
/// w a + b (r sin(t)). No normal number is further than 6.8 from the mean, in deviations.
///
/// **Error**: 2^-24 (\|a\| + 2 \|b\|), normal 2^-24 (\|a\| + 48 \|b\|).
///
/// **Grid**: ceil(ceil(n / 256) 64 / size) workgroups, folded into rows of 65,535 in y.
pub static RANDOM: Op = Op {
    name: "random",
    params: &[
        Param { name: "n", float: false },
        Param { name: "stream", float: false },
        Param { name: "seed_low", float: false },
        Param { name: "seed_high", float: false },
        Param { name: "a", float: true },
        Param { name: "b", float: true },
    ],
    bindings: &[
        Binding { name: "y", elem: "f32", writable: true },
    ],
    overrides: &[
        Override { name: "distribution", default: 0_f64 },
    ],
    tile: &[
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, t| [
        min(ceil(64_u64.saturating_mul(ceil(u64::from(p[0]), 256_u64)), u64::from(t[0])), 65535_u64),
        max(ceil(ceil(64_u64.saturating_mul(ceil(u64::from(p[0]), 256_u64)), u64::from(t[0])), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"override size:u32 = 64;
fn point_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{
return(group.y * groups.x + group.x)* size + local;
}
fn product_high(a:u32,b:u32)-> u32{
let a0 = a & 0xffff;
let a1 = a >> 16;
let b0 = b & 0xffff;
let b1 = b >> 16;
let low = a1 * b0 +((a0 * b0)>> 16);
let middle = a0 * b1 +(low & 0xffff);
return a1 * b1 +(low >> 16)+(middle >> 16);
}
fn philox(counter:vec4<u32>,seed:vec2<u32>)-> vec4<u32>{
var c = counter;
var k = seed;
for(var round = 0;round < 10;round++){
c = vec4(product_high(0xcd9e8d57,c.z)^ c.y ^ k.x,0xcd9e8d57 * c.z,product_high(0xd2511f53,c.x)^ c.w ^ k.y,0xd2511f53 * c.x);
k += vec2(0x9e3779b9u,0xbb67ae85u);
}
return c;
}
fn first_of_four(k:u32)-> u32{
return k / 64 * 256 + k % 64;
}
fn unit(word:u32)-> f32{
return f32(word >> 8)* 0x1p-24;
}
struct Params{n:u32,stream:u32,seed_low:u32,seed_high:u32,a:f32,b:f32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read_write> y:array<f32>;
override distribution:u32 = 0;
fn pair(v:u32,w:u32)-> vec2<f32>{
let r = sqrt(-2 * log(f32(v)* 0x1p-32 + 0x1p-33));
let t = f32(w)* 0x1p-32 * 6.2831855;
return vec2(r * cos(t),r * sin(t));
}
@compute @workgroup_size(size)
fn random(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
let k = point_of(local,group,groups);
let i = first_of_four(k);
if(i >= p.n){
return;
}
let w = philox(vec4(k,p.stream,0,0),vec2(p.seed_low,p.seed_high));
var v = vec4<f32>();
if(distribution == 1){
v = vec4(pair(w.x,w.y),pair(w.z,w.w));
}else{
v = vec4(unit(w.x),unit(w.y),unit(w.z),unit(w.w));
}
v = p.a + p.b * v;
y[i]= v.x;
if(i + 64 < p.n){
y[i + 64]= v.y;
}
if(i + 128 < p.n){
y[i + 128]= v.z;
}
if(i + 192 < p.n){
y[i + 192]= v.w;
}
}
"#,
};

/// dropout: y = factor x for the elements that are kept, 0 for the others. Its gradient is dropout of dy with the same seed.
///
/// **Shapes**: n, stream, seed_low, seed_high, below, factor; x\[n\], y\[n\] f32. An element is dropped with probability
/// below 2^-32; factor is 1 / (1 - that).
///
/// **Order**: element i has word i / 64 % 4 of Philox4x32-10 at the counter (i / 256 \* 64 + i % 64, stream, 1, 0) and is dropped if
/// that is less than below; one multiplication.
///
/// **Error**: 0.5 units in the last place.
///
/// **Grid**: ceil(ceil(n / 256) 64 / size) workgroups, folded into rows of 65,535 in y.
pub static DROPOUT: Op = Op {
    name: "dropout",
    params: &[
        Param { name: "n", float: false },
        Param { name: "stream", float: false },
        Param { name: "seed_low", float: false },
        Param { name: "seed_high", float: false },
        Param { name: "below", float: false },
        Param { name: "factor", float: true },
    ],
    bindings: &[
        Binding { name: "x", elem: "f32", writable: false },
        Binding { name: "y", elem: "f32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, t| [
        min(ceil(64_u64.saturating_mul(ceil(u64::from(p[0]), 256_u64)), u64::from(t[0])), 65535_u64),
        max(ceil(ceil(64_u64.saturating_mul(ceil(u64::from(p[0]), 256_u64)), u64::from(t[0])), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"override size:u32 = 64;
fn point_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{
return(group.y * groups.x + group.x)* size + local;
}
fn product_high(a:u32,b:u32)-> u32{
let a0 = a & 0xffff;
let a1 = a >> 16;
let b0 = b & 0xffff;
let b1 = b >> 16;
let low = a1 * b0 +((a0 * b0)>> 16);
let middle = a0 * b1 +(low & 0xffff);
return a1 * b1 +(low >> 16)+(middle >> 16);
}
fn philox(counter:vec4<u32>,seed:vec2<u32>)-> vec4<u32>{
var c = counter;
var k = seed;
for(var round = 0;round < 10;round++){
c = vec4(product_high(0xcd9e8d57,c.z)^ c.y ^ k.x,0xcd9e8d57 * c.z,product_high(0xd2511f53,c.x)^ c.w ^ k.y,0xd2511f53 * c.x);
k += vec2(0x9e3779b9u,0xbb67ae85u);
}
return c;
}
fn first_of_four(k:u32)-> u32{
return k / 64 * 256 + k % 64;
}
fn unit(word:u32)-> f32{
return f32(word >> 8)* 0x1p-24;
}
struct Params{n:u32,stream:u32,seed_low:u32,seed_high:u32,below:u32,factor:f32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> x:array<f32>;
@group(0)@binding(2)var<storage,read_write> y:array<f32>;
fn kept(i:u32,word:u32){
if(i < p.n){
y[i]= select(p.factor * x[i],0,word < p.below);
}
}
@compute @workgroup_size(size)
fn dropout(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
let k = point_of(local,group,groups);
let i = first_of_four(k);
if(i >= p.n){
return;
}
let w = philox(vec4(k,p.stream,1,0),vec2(p.seed_low,p.seed_high));
kept(i,w.x);
kept(i + 64,w.y);
kept(i + 128,w.z);
kept(i + 192,w.w);
}
"#,
};

/// cross_entropy: the loss of each row of logits, -log(softmax(x)\[label\]), and what cross_entropy_grad wants. The mean is
/// reduce_rows of the losses, divided by the number of labels that are not ignored.
///
/// **Shapes**: rows, n, ignored; x\[rows, n\] f32, label\[rows\] u32, loss\[rows\] f32, stats\[rows, 2\] f32: the greatest logit and
/// 1 / the sum of exp(x - that). A label equal to ignored gives the loss 0; any other that is no column gives NaN, as does a
/// row of nothing but -Inf.
///
/// **Order**: m = the greatest x; s = the sum of exp(x - m), 0 below 2^-94, as in include/chains.wgsl; loss = log(s) - (x\[label\] - m).
/// x is of the domain of sums (include/addend.wgsl).
///
/// **Error**: 2^-24 (12 + n/128 + 4 max \|x\|).
///
/// **Grid**: ceil(rows / rows of the tile) workgroups, folded into rows of 65,535 in y.
pub static CROSS_ENTROPY: Op = Op {
    name: "cross_entropy",
    params: &[
        Param { name: "rows", float: false },
        Param { name: "n", float: false },
        Param { name: "ignored", float: false },
    ],
    bindings: &[
        Binding { name: "x", elem: "f32", writable: false },
        Binding { name: "label", elem: "u32", writable: false },
        Binding { name: "loss", elem: "f32", writable: true },
        Binding { name: "stats", elem: "f32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "rows", default: 2_f64 },
        Override { name: "width", default: 32_f64 },
    ],
    grid: |p, t| [
        min(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"fn infinity()-> f32{
let bits = 0x7f800000u;
return bitcast<f32>(bits);
}
fn not_a_number()-> f32{
let bits = 0x7fc00000u;
return bitcast<f32>(bits);
}
fn addend(x:f32)-> f32{
return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x0c800000);
}
fn weight(e:f32)-> f32{
return select(0.0,e,(bitcast<u32>(e)& 0x7fffffff)>= 0x10800000);
}
fn share(r:f32)-> f32{
return select(0.0,r,(bitcast<u32>(r)& 0x7fffffff)>= 0x2f800000);
}
override width:u32 = 32;
override rows:u32 = 2;
struct Row{
index:u32,
there:bool,
start:u32,
n:u32,
slot:u32,
lane:u32,
}
fn row_of(local:vec3<u32>,group:vec3<u32>,groups:vec3<u32>,count:u32,n:u32)-> Row{
let index =(group.y * groups.x + group.x)* rows + local.y;
return Row(index,index < count,index * n,select(0,n,index < count),local.y,local.x);
}
fn cut(row:Row,total:u32)-> Row{
return Row(row.index,row.there,row.start,select(0,min(row.n,total - row.start),row.start < total),row.slot,row.lane);
}
const chains = 128u;
var<workgroup> chain:array<f32,rows * chains>;
var<workgroup> joined:array<f32,rows * 8>;
fn sum_of_row(row:Row,what:u32,a:f32,b:f32)-> f32{
for(var f = 0u;f < chains;f += width){
let c = f + row.lane;
var sum = 0.0;
for(var k = 0u;k < row.n;k += chains){
let i = k + c;
sum += select(0,term(what,row,i,a,b),i < row.n);
}
chain[row.slot * chains + c]= sum;
}
workgroupBarrier();
if(row.lane < 8){
let at = row.slot * chains + row.lane;
let s =(four_chains(at)+ four_chains(at + 64))+(four_chains(at + 32)+ four_chains(at + 96));
let t = s.xy + s.zw;
joined[8 * row.slot + row.lane]= t.x + t.y;
}
workgroupBarrier();
let s = four_joined(8 * row.slot)+ four_joined(8 * row.slot + 4);
let t = s.xy + s.zw;
return t.x + t.y;
}
fn max_of_row(row:Row,what:u32,a:f32,b:f32)-> f32{
for(var f = 0u;f < chains;f += width){
let c = f + row.lane;
var top = -infinity();
for(var k = 0u;k < row.n;k += chains){
let i = k + c;
top = max(top,select(-infinity(),term(what,row,i,a,b),i < row.n));
}
chain[row.slot * chains + c]= top;
}
workgroupBarrier();
if(row.lane < 8){
let at = row.slot * chains + row.lane;
let s = max(max(four_chains(at),four_chains(at + 64)),max(four_chains(at + 32),four_chains(at + 96)));
let t = max(s.xy,s.zw);
joined[8 * row.slot + row.lane]= max(t.x,t.y);
}
workgroupBarrier();
let s = max(four_joined(8 * row.slot),four_joined(8 * row.slot + 4));
let t = max(s.xy,s.zw);
return max(t.x,t.y);
}
fn four_chains(at:u32)-> vec4<f32>{
return vec4(chain[at],chain[at + 8],chain[at + 16],chain[at + 24]);
}
fn four_joined(at:u32)-> vec4<f32>{
return vec4(joined[at],joined[at + 1],joined[at + 2],joined[at + 3]);
}
struct Params{rows:u32,n:u32,ignored:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> x:array<f32>;
@group(0)@binding(2)var<storage,read> label:array<u32>;
@group(0)@binding(3)var<storage,read_write> loss:array<f32>;
@group(0)@binding(4)var<storage,read_write> stats:array<f32>;
fn term(what:u32,row:Row,i:u32,m:f32,b:f32)-> f32{
let v = addend(x[row.start + i]);
if(what == 0){
return v;
}
return weight(exp(v - m));
}
@compute @workgroup_size(width,rows)
fn cross_entropy(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
let row = row_of(local,group,groups,p.rows,p.n);
let m = max_of_row(row,0,0,0);
let sum = sum_of_row(row,1,m,0);
if(row.lane == 0 && row.there){
let l = label[row.index];
var v = addend(log(sum))-(addend(x[row.start + l])- m);
if(l == p.ignored){
v = 0;
}else if(l >= p.n){
v = not_a_number();
}
loss[row.index]= v;
stats[2 * row.index]= m;
stats[2 * row.index + 1]= 1 / sum;
}
}
"#,
};

/// cross_entropy_grad: the gradient of cross_entropy for the logits, times factor: for the mean loss 1 / the number of labels
/// that are not ignored.
///
/// **Shapes**: rows, n, ignored, factor; x\[rows, n\] f32, label\[rows\] u32, stats\[rows, 2\] f32 what cross_entropy had and gave,
/// dx\[rows, n\] f32. Rows whose label is ignored get 0, those with a label that is no column NaN.
///
/// **Order**: q = exp(x - m) r for the two numbers m and r of stats; dx = factor (q - 1) in the label's column, factor q elsewhere. x and m
/// are of the domain of sums (include/addend.wgsl), powers below 2^-94 are 0, and factors are of the domain (include/domain.wgsl).
///
/// **Error**: 2^-24 (14 + n/128 + 4 max \|x\|) factor, and 2^-51 (1 + factor).
///
/// **Grid**: ceil(n / size) workgroups in x, ceil(rows / each) in y, folded into z.
pub static CROSS_ENTROPY_GRAD: Op = Op {
    name: "cross_entropy_grad",
    params: &[
        Param { name: "rows", float: false },
        Param { name: "n", float: false },
        Param { name: "ignored", float: false },
        Param { name: "factor", float: true },
    ],
    bindings: &[
        Binding { name: "x", elem: "f32", writable: false },
        Binding { name: "label", elem: "u32", writable: false },
        Binding { name: "stats", elem: "f32", writable: false },
        Binding { name: "dx", elem: "f32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "each", default: 8_f64 },
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, t| [
        ceil(u64::from(p[1]), u64::from(t[1])),
        min(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64), 1_u64),
    ],
    source: r#"fn infinity()-> f32{
let bits = 0x7f800000u;
return bitcast<f32>(bits);
}
fn not_a_number()-> f32{
let bits = 0x7fc00000u;
return bitcast<f32>(bits);
}
fn domain(x:f32)-> f32{
return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);
}
fn domain_bf16(bits:u32)-> f32{
return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);
}
fn addend(x:f32)-> f32{
return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x0c800000);
}
fn weight(e:f32)-> f32{
return select(0.0,e,(bitcast<u32>(e)& 0x7fffffff)>= 0x10800000);
}
fn share(r:f32)-> f32{
return select(0.0,r,(bitcast<u32>(r)& 0x7fffffff)>= 0x2f800000);
}
override size:u32 = 64;
fn rows_before(group:vec3<u32>,groups:vec3<u32>,each:u32)-> u32{
return(group.z * groups.y + group.y)* each;
}
override each:u32 = 8;
struct Params{rows:u32,n:u32,ignored:u32,factor:f32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> x:array<f32>;
@group(0)@binding(2)var<storage,read> label:array<u32>;
@group(0)@binding(3)var<storage,read> stats:array<f32>;
@group(0)@binding(4)var<storage,read_write> dx:array<f32>;
@compute @workgroup_size(size)
fn cross_entropy_grad(@builtin(global_invocation_id)id:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
let c = id.x;
if(c >= p.n){
return;
}
let first = rows_before(group,groups,each);
let last = min(first + each,p.rows);
for(var row = first;row < last;row++){
let l = label[row];
let q = weight(exp(addend(x[row * p.n + c])- addend(stats[2 * row])))* share(stats[2 * row + 1]);
var d = domain(p.factor)* domain(select(q,q - 1,c == l));
if(l == p.ignored){
d = 0;
}else if(l >= p.n){
d = not_a_number();
}
dx[row * p.n + c]= d;
}
}
"#,
};

/// mse: sums of squared differences, (x - t)^2, of blocks of 4096 elements. reduce_rows with n = 4096 brings them to one, the
/// last time with the number of all elements as divide, for the mean.
///
/// **Shapes**: blocks, total; x\[total\], t\[total\], y\[blocks\] f32 with blocks = ceil(total / 4096).
///
/// **Order**: d = x - t of the domain (include/domain.wgsl), x and t of that of sums (include/addend.wgsl); the sum of d d in each block
/// as in include/chains.wgsl.
///
/// **Error**: 2^-24 44 (sum of (\|x\| + \|t\|)^2), and 2^-102 for each element.
///
/// **Grid**: ceil(blocks / rows of the tile) workgroups, folded into rows of 65,535 in y.
pub static MSE: Op = Op {
    name: "mse",
    params: &[
        Param { name: "blocks", float: false },
        Param { name: "total", float: false },
    ],
    bindings: &[
        Binding { name: "x", elem: "f32", writable: false },
        Binding { name: "t", elem: "f32", writable: false },
        Binding { name: "y", elem: "f32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "rows", default: 2_f64 },
        Override { name: "width", default: 32_f64 },
    ],
    grid: |p, t| [
        min(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"fn infinity()-> f32{
let bits = 0x7f800000u;
return bitcast<f32>(bits);
}
fn not_a_number()-> f32{
let bits = 0x7fc00000u;
return bitcast<f32>(bits);
}
fn domain(x:f32)-> f32{
return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);
}
fn domain_bf16(bits:u32)-> f32{
return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);
}
fn addend(x:f32)-> f32{
return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x0c800000);
}
override width:u32 = 32;
override rows:u32 = 2;
struct Row{
index:u32,
there:bool,
start:u32,
n:u32,
slot:u32,
lane:u32,
}
fn row_of(local:vec3<u32>,group:vec3<u32>,groups:vec3<u32>,count:u32,n:u32)-> Row{
let index =(group.y * groups.x + group.x)* rows + local.y;
return Row(index,index < count,index * n,select(0,n,index < count),local.y,local.x);
}
fn cut(row:Row,total:u32)-> Row{
return Row(row.index,row.there,row.start,select(0,min(row.n,total - row.start),row.start < total),row.slot,row.lane);
}
const chains = 128u;
var<workgroup> chain:array<f32,rows * chains>;
var<workgroup> joined:array<f32,rows * 8>;
fn sum_of_row(row:Row,what:u32,a:f32,b:f32)-> f32{
for(var f = 0u;f < chains;f += width){
let c = f + row.lane;
var sum = 0.0;
for(var k = 0u;k < row.n;k += chains){
let i = k + c;
sum += select(0,term(what,row,i,a,b),i < row.n);
}
chain[row.slot * chains + c]= sum;
}
workgroupBarrier();
if(row.lane < 8){
let at = row.slot * chains + row.lane;
let s =(four_chains(at)+ four_chains(at + 64))+(four_chains(at + 32)+ four_chains(at + 96));
let t = s.xy + s.zw;
joined[8 * row.slot + row.lane]= t.x + t.y;
}
workgroupBarrier();
let s = four_joined(8 * row.slot)+ four_joined(8 * row.slot + 4);
let t = s.xy + s.zw;
return t.x + t.y;
}
fn max_of_row(row:Row,what:u32,a:f32,b:f32)-> f32{
for(var f = 0u;f < chains;f += width){
let c = f + row.lane;
var top = -infinity();
for(var k = 0u;k < row.n;k += chains){
let i = k + c;
top = max(top,select(-infinity(),term(what,row,i,a,b),i < row.n));
}
chain[row.slot * chains + c]= top;
}
workgroupBarrier();
if(row.lane < 8){
let at = row.slot * chains + row.lane;
let s = max(max(four_chains(at),four_chains(at + 64)),max(four_chains(at + 32),four_chains(at + 96)));
let t = max(s.xy,s.zw);
joined[8 * row.slot + row.lane]= max(t.x,t.y);
}
workgroupBarrier();
let s = max(four_joined(8 * row.slot),four_joined(8 * row.slot + 4));
let t = max(s.xy,s.zw);
return max(t.x,t.y);
}
fn four_chains(at:u32)-> vec4<f32>{
return vec4(chain[at],chain[at + 8],chain[at + 16],chain[at + 24]);
}
fn four_joined(at:u32)-> vec4<f32>{
return vec4(joined[at],joined[at + 1],joined[at + 2],joined[at + 3]);
}
struct Params{blocks:u32,total:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> x:array<f32>;
@group(0)@binding(2)var<storage,read> t:array<f32>;
@group(0)@binding(3)var<storage,read_write> y:array<f32>;
fn term(what:u32,row:Row,i:u32,a:f32,b:f32)-> f32{
let d = domain(addend(x[row.start + i])- addend(t[row.start + i]));
return d * d;
}
@compute @workgroup_size(width,rows)
fn mse(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
let row = cut(row_of(local,group,groups,p.blocks,4096),p.total);
let sum = sum_of_row(row,0,0,0);
if(row.lane == 0 && row.there){
y[row.index]= sum;
}
}
"#,
};

/// mse_grad: dx = factor (x - t), the gradient of mse for x; factor is 2 / the number of all elements for the mean. That for t
/// is scale of it by -1.
///
/// **Shapes**: n, factor; x\[n\], t\[n\], dx\[n\] f32.
///
/// **Order**: a subtraction, in the domain of sums (include/addend.wgsl), rounded, and a multiplication, in that of products
/// (include/domain.wgsl).
///
/// **Error**: 2^-23 \|dx\|, and 2^-51 (1 + factor) (1 + \|x - t\|).
///
/// **Grid**: ceil(n / size) workgroups, folded into rows of 65,535 in y.
pub static MSE_GRAD: Op = Op {
    name: "mse_grad",
    params: &[
        Param { name: "n", float: false },
        Param { name: "factor", float: true },
    ],
    bindings: &[
        Binding { name: "x", elem: "f32", writable: false },
        Binding { name: "t", elem: "f32", writable: false },
        Binding { name: "dx", elem: "f32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, t| [
        min(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[0])), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"fn domain(x:f32)-> f32{
return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);
}
fn domain_bf16(bits:u32)-> f32{
return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);
}
fn addend(x:f32)-> f32{
return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x0c800000);
}
override size:u32 = 64;
fn point_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{
return(group.y * groups.x + group.x)* size + local;
}
struct Params{n:u32,factor:f32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> x:array<f32>;
@group(0)@binding(2)var<storage,read> t:array<f32>;
@group(0)@binding(3)var<storage,read_write> dx:array<f32>;
@compute @workgroup_size(size)
fn mse_grad(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
let i = point_of(local,group,groups);
if(i >= p.n){
return;
}
dx[i]= domain(p.factor)* domain(addend(x[i])- addend(t[i]));
}
"#,
};

/// attention: softmax(scale q k^T) v, with heads, key heads that several query heads share, masks and a key and value cache.
///
/// **Shapes**: batch, n queries in each, capacity, heads, kv_heads (a divisor of heads), scale; lengths\[batch\]\[2\] u32, the position of the
/// first query and the number of keys (at most capacity counts); q\[batch\]\[n\]\[heads\]\[dim\], k and v\[batch\]\[capacity\]\[kv_heads\]\[dim\],
/// y\[batch\]\[n\]\[heads\]\[dim\], most and sum\[batch\]\[n\]\[heads\] f32. dim, at most 256, is an override. Query head h takes key head
/// h / (heads / kv_heads). A query sees the keys there are; with the override causal those at its own position and before.
///
/// **Order**: s_j = scale \* (q . k_j), the dot product one chain from +0 over the columns. Keys come in blocks of 32, from key 0 on. m = -Inf,
/// l = +0, y = +0; for each block of which the query sees a key: m' = max(m, the s_j it sees), NaNs left out; a = exp(m - m'), but 1
/// where m' = m; w_j = exp(s_j - m'); where a is not 1, l = l \* a and y = y \* a; then for the keys it sees in order, where w_j is not 0,
/// l = l + w_j and y = y + w_j \* v_j. At the end y = y / l, and +0 where l is 0: where it sees no key. most = m, sum = l. The operands of
/// the products of q, k, v, w and y count as +0 below 2^-51 in magnitude, and w so everywhere. Every operation is rounded.
///
/// **Error**: 2 ((dim + 6) S + t + t/8 + 8) 2^-24 max \|v\| for t keys seen, S = \|scale\| max_j sum \|q k_j\|, while that is below 0.1 max \|v\|,
/// besides what the domain leaves out.
///
/// **Grid**: x ceil(n \* heads / kv_heads / (size / 4)), y kv_heads, z batch.
pub static ATTENTION: Op = Op {
    name: "attention",
    params: &[
        Param { name: "batch", float: false },
        Param { name: "n", float: false },
        Param { name: "capacity", float: false },
        Param { name: "heads", float: false },
        Param { name: "kv_heads", float: false },
        Param { name: "scale", float: true },
    ],
    bindings: &[
        Binding { name: "lengths", elem: "vec2<u32>", writable: false },
        Binding { name: "q", elem: "f32", writable: false },
        Binding { name: "k", elem: "f32", writable: false },
        Binding { name: "v", elem: "f32", writable: false },
        Binding { name: "y", elem: "f32", writable: true },
        Binding { name: "most", elem: "f32", writable: true },
        Binding { name: "sum", elem: "f32", writable: true },
    ],
    overrides: &[
        Override { name: "causal", default: 0_f64 },
        Override { name: "dim", default: 64_f64 },
    ],
    tile: &[
        Override { name: "size", default: 128_f64 },
    ],
    grid: |p, t| [
        ceil(u64::from(p[1]).saturating_mul(div(u64::from(p[3]), max(u64::from(p[4]), 1_u64))), div(u64::from(t[0]), 4_u64)),
        u64::from(p[4]),
        u64::from(p[0]),
    ],
    source: r#"fn domain(x:f32)-> f32{
return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);
}
fn domain_bf16(bits:u32)-> f32{
return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);
}
fn infinity()-> f32{
let bits = 0x7f800000u;
return bitcast<f32>(bits);
}
fn not_a_number()-> f32{
let bits = 0x7fc00000u;
return bitcast<f32>(bits);
}
override size:u32 = 128;
override dim:u32 = 64;
override causal:bool = false;
override high:u32 = size / 4;
const wide = 32u;
const stride = 33u;
struct Params{batch:u32,n:u32,capacity:u32,heads:u32,kv_heads:u32,scale:f32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> lengths:array<vec2<u32>>;
var<workgroup> part:array<f32,(high + 1)* stride>;
var<workgroup> block:array<f32,wide * stride>;
struct Place{batch:u32,kv_head:u32,first:u32}
struct Seat{local:u32,x:u32,y:u32}
struct Eight{a:vec4<f32>,b:vec4<f32>}
var<private> kept:array<vec4<f32>,16>;
fn place_of(group:vec3<u32>)-> Place{
return Place(group.z,group.y,group.x * high);
}
fn seat_of(local:u32)-> Seat{
return Seat(local,local % wide,local / wide * 8);
}
fn group_heads()-> u32{
return p.heads / p.kv_heads;
}
fn query_rows()-> u32{
return p.n * group_heads();
}
fn query_at(at:Place,row:u32)-> u32{
let g = group_heads();
return(at.batch * p.n + row / g)* p.heads + at.kv_head * g + row % g;
}
fn key_at(at:Place,key:u32)-> u32{
return(at.batch * p.capacity + key)* p.kv_heads + at.kv_head;
}
fn keys_of(at:Place)-> u32{
return min(lengths[at.batch].y,p.capacity);
}
fn seen_by(at:Place,row:u32)-> u32{
var keys = keys_of(at);
if(causal){
keys = min(keys,lengths[at.batch].x + row / group_heads()+ 1);
}
return select(0,keys,row < query_rows());
}
fn products(at:Place,me:Seat,matrix:u32,first:u32)-> Eight{
var s:Eight;
for(var start = 0u;start < dim;start += wide){
workgroupBarrier();
for(var i = me.local;i < high * wide;i += size){
part[i / wide * stride + i % wide]= domain(owned(at,matrix,at.first + i / wide,start + i % wide));
}
for(var i = me.local;i < wide * wide;i += size){
block[i % wide * stride + i / wide]= other(at,matrix,first + i / wide,start + i % wide);
}
workgroupBarrier();
for(var c = 0u;c < min(wide,dim - start);c++){
let k = c % wide;
let l = eight(me,k);
let r = domain(block[k * stride + me.x]);
s.a += l.a * r;
s.b += l.b * r;
}
}
return s;
}
fn eight(me:Seat,column:u32)-> Eight{
let i = me.y * stride + column;
return Eight(vec4(part[i],part[i + stride],part[i + 2 * stride],part[i + 3 * stride]),
vec4(part[i + 4 * stride],part[i + 5 * stride],part[i + 6 * stride],part[i + 7 * stride]));
}
fn put(me:Seat,v:Eight,row:u32,column:u32){
workgroupBarrier();
let i = me.y * row + me.x * column;
block[i]= v.a.x;
block[i + row]= v.a.y;
block[i + 2 * row]= v.a.z;
block[i + 3 * row]= v.a.w;
block[i + 4 * row]= v.b.x;
block[i + 5 * row]= v.b.y;
block[i + 6 * row]= v.b.z;
block[i + 7 * row]= v.b.w;
workgroupBarrier();
}
fn weight_at(row:u32,j:u32)-> u32{
return j *(high + 1)+ row;
}
fn put_products(me:Seat,v:Eight){
put(me,v,1,high + 1);
}
fn put_results(me:Seat,v:Eight){
put(me,v,stride,1);
}
fn result_at(i:u32)-> f32{
return block[i / wide * stride + i % wide];
}
fn accumulate(at:Place,me:Seat,matrix:u32,first:u32,count:u32,start:u32){
var s = kept_at(start);
for(var j = 0u;j < count;j++){
let i = weight_at(me.y,j % wide);
var w = Eight(vec4(part[i],part[i + 1],part[i + 2],part[i + 3]),vec4(part[i + 4],part[i + 5],part[i + 6],part[i + 7]));
let r = domain(other(at,matrix,first + j,start + me.x));
if(all(w.a != vec4(0.0))&& all(w.b != vec4(0.0))){
s.a += w.a * r;
s.b += w.b * r;
continue;
}
for(var half = 0u;half < 2;half++){
let sum = select(s.a + w.a * r,s.a,w.a == vec4(0.0));
s = Eight(s.b,sum);
w = Eight(w.b,w.a);
}
}
kept[start / wide * 2]= s.a;
kept[start / wide * 2 + 1]= s.b;
}
fn kept_at(start:u32)-> Eight{
return Eight(kept[start / wide * 2],kept[start / wide * 2 + 1]);
}
fn domain4(v:vec4<f32>)-> vec4<f32>{
return vec4(domain(v.x),domain(v.y),domain(v.z),domain(v.w));
}
@group(0)@binding(2)var<storage,read> q:array<f32>;
@group(0)@binding(3)var<storage,read> k:array<f32>;
@group(0)@binding(4)var<storage,read> v:array<f32>;
@group(0)@binding(5)var<storage,read_write> y:array<f32>;
@group(0)@binding(6)var<storage,read_write> most:array<f32>;
@group(0)@binding(7)var<storage,read_write> sum:array<f32>;
var<workgroup> maxima:array<f32,high>;
var<workgroup> factors:array<f32,high>;
var<private> total:f32;
fn owned(at:Place,matrix:u32,row:u32,c:u32)-> f32{
return q[query_at(at,row)* dim + c];
}
fn other(at:Place,matrix:u32,key:u32,c:u32)-> f32{
let i = key_at(at,key)* dim + c;
if(matrix == 0){
return k[i];
}
return v[i];
}
fn rescaled(y:vec4<f32>,a:vec4<f32>)-> vec4<f32>{
return select(domain4(y)* domain4(a),y,a == vec4(1.0));
}
@compute @workgroup_size(size)
fn attention(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>){
let at = place_of(group);
let me = seat_of(local);
let sees = seen_by(at,at.first + local);
let end = seen_by(at,min(at.first + high,query_rows())- 1);
if(local < high){
maxima[local]= -infinity();
}
for(var first = 0u;first < end;first += wide){
put_products(me,products(at,me,0,first));
if(local < high){
let old = maxima[local];
var m = old;
for(var j = 0u;j < wide;j++){
if(first + j < sees){
m = max(m,p.scale * block[weight_at(local,j)]);
}
}
maxima[local]= m;
factors[local]= select(exp(old - m),1.0,old == m);
}
workgroupBarrier();
for(var i = local;i < high * wide;i += size){
let row = i % high;
let j = i / high;
var w = 0.0;
if(first + j < seen_by(at,at.first + row)){
w = domain(exp(p.scale * block[weight_at(row,j)]- maxima[row]));
}
part[weight_at(row,j)]= w;
}
workgroupBarrier();
if(local < high){
let a = factors[local];
if(a != 1.0){
total = domain(total)* domain(a);
}
for(var j = 0u;j < wide;j++){
total += part[weight_at(local,j)];
}
}
for(var h = 0u;h < 2;h++){
let r = me.y + 4 * h;
let a = vec4(factors[r],factors[r + 1],factors[r + 2],factors[r + 3]);
if(any(a != vec4(1.0))){
for(var i = h;i <(dim + 31)/ wide * 2;i += 2){
kept[i]= rescaled(kept[i],a);
}
}
}
for(var start = 0u;start < dim;start += wide){
accumulate(at,me,1,first,min(wide,end - first),start);
}
}
workgroupBarrier();
if(local < high){
factors[local]= total;
let row = at.first + local;
if(row < query_rows()){
most[query_at(at,row)]= maxima[local];
sum[query_at(at,row)]= total;
}
}
for(var start = 0u;start < dim;start += wide){
put_results(me,kept_at(start));
for(var i = local;i < high * wide;i += size){
let row = at.first + i / wide;
let c = start + i % wide;
if(row < query_rows()&& c < dim){
let l = factors[i / wide];
y[query_at(at,row)* dim + c]= select(result_at(i)/ l,0.0,l == 0.0);
}
}
}
}
"#,
};

/// attention_row: what attention computes, bit for bit, with a workgroup for each query and head: for generation, where a long cache
/// meets one query. It reads the keys once for each query head, so attention is faster where there are many queries.
///
/// **Shapes**: as of attention.
///
/// **Order**: as of attention.
///
/// **Error**: as of attention.
///
/// **Grid**: x heads, y n, z batch.
pub static ATTENTION_ROW: Op = Op {
    name: "attention_row",
    params: &[
        Param { name: "batch", float: false },
        Param { name: "n", float: false },
        Param { name: "capacity", float: false },
        Param { name: "heads", float: false },
        Param { name: "kv_heads", float: false },
        Param { name: "scale", float: true },
    ],
    bindings: &[
        Binding { name: "lengths", elem: "vec2<u32>", writable: false },
        Binding { name: "q", elem: "f32", writable: false },
        Binding { name: "k", elem: "f32", writable: false },
        Binding { name: "v", elem: "f32", writable: false },
        Binding { name: "y", elem: "f32", writable: true },
        Binding { name: "most", elem: "f32", writable: true },
        Binding { name: "sum", elem: "f32", writable: true },
    ],
    overrides: &[
        Override { name: "causal", default: 0_f64 },
        Override { name: "dim", default: 64_f64 },
    ],
    tile: &[
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, _| [
        u64::from(p[3]),
        u64::from(p[1]),
        u64::from(p[0]),
    ],
    source: r#"fn domain(x:f32)-> f32{
return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);
}
fn domain_bf16(bits:u32)-> f32{
return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);
}
fn infinity()-> f32{
let bits = 0x7f800000u;
return bitcast<f32>(bits);
}
fn not_a_number()-> f32{
let bits = 0x7fc00000u;
return bitcast<f32>(bits);
}
override size:u32 = 64;
override dim:u32 = 64;
override causal:bool = false;
const wide = 32u;
override blocks:u32 = size / wide;
struct Params{batch:u32,n:u32,capacity:u32,heads:u32,kv_heads:u32,scale:f32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> lengths:array<vec2<u32>>;
@group(0)@binding(2)var<storage,read> q:array<f32>;
@group(0)@binding(3)var<storage,read> k:array<f32>;
@group(0)@binding(4)var<storage,read> v:array<f32>;
@group(0)@binding(5)var<storage,read_write> y:array<f32>;
@group(0)@binding(6)var<storage,read_write> most:array<f32>;
@group(0)@binding(7)var<storage,read_write> sum:array<f32>;
var<workgroup> query:array<f32,dim>;
var<workgroup> scores:array<f32,size>;
var<workgroup> weights:array<f32,size>;
var<workgroup> maxima:array<f32,blocks>;
var<workgroup> factors:array<f32,blocks>;
var<private> kept:array<f32,8>;
@compute @workgroup_size(size)
fn attention_row(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>){
let row =(group.z * p.n + group.y)* p.heads + group.x;
let first_key = group.z * p.capacity * p.kv_heads + group.x /(p.heads / p.kv_heads);
var sees = min(lengths[group.z].y,p.capacity);
if(causal){
sees = min(sees,lengths[group.z].x + group.y + 1);
}
for(var c = local;c < dim;c += size){
query[c]= domain(q[row * dim + c]);
}
var m = -infinity();
var total = 0.0;
for(var first = 0u;first < sees;first += size){
workgroupBarrier();
let key = first + local;
var s = 0.0;
if(key < sees){
let at =(first_key + key * p.kv_heads)* dim;
for(var c = 0u;c < dim;c++){
s += query[c]* domain(k[at + c]);
}
}
s = p.scale * s;
scores[local]= s;
workgroupBarrier();
if(local < blocks){
var greatest = -infinity();
for(var j = 0u;j < wide;j++){
if(first + local * wide + j < sees){
greatest = max(greatest,scores[local * wide + j]);
}
}
maxima[local]= greatest;
}
workgroupBarrier();
var mine = m;
for(var b = 0u;b <= local / wide;b++){
mine = max(mine,maxima[b]);
}
weights[local]= 0.0;
if(key < sees){
weights[local]= domain(exp(s - mine));
}
if(local < blocks){
var before = m;
for(var b = 0u;b < local;b++){
before = max(before,maxima[b]);
}
let after = max(before,maxima[local]);
factors[local]= select(exp(before - after),1.0,before == after);
}
for(var b = 0u;b < blocks;b++){
m = max(m,maxima[b]);
}
workgroupBarrier();
for(var j = 0u;j < min(size,sees - first);j++){
let a = factors[j / wide];
if(j % wide == 0 && a != 1.0){
total = domain(total)* domain(a);
for(var i = 0u;i <(dim + size - 1)/ size;i++){
kept[i]= domain(kept[i])* domain(a);
}
}
let w = weights[j];
if(w != 0.0){
total += w;
for(var i = 0u;i <(dim + size - 1)/ size;i++){
kept[i]+= w * domain(v[(first_key +(first + j)* p.kv_heads)* dim + local + i * size]);
}
}
}
}
for(var c = local;c < dim;c += size){
y[row * dim + c]= select(kept[c / size]/ total,0.0,total == 0.0);
}
if(local == 0){
most[row]= m;
sum[row]= total;
}
}
"#,
};

/// attention_delta: what the gradients of attention want of each row of it: the greatest score, the inverse of the sum of weights, and what
/// the gradient of a softmax takes off: the product of attention's result with its gradient.
///
/// **Shapes**: rows (batch \* n \* heads), dim; y\[rows\]\[dim\] and its gradient dy\[rows\]\[dim\], most\[rows\] and sum\[rows\] as attention saved them,
/// saved\[rows\]\[3\] f32: most, 1 / sum and delta.
///
/// **Order**: most is copied; 1 / sum; delta is one chain from +0: delta = delta + dy\[c\] \* y\[c\], columns ascending, elements below 2^-51 in
/// magnitude taken as +0.
///
/// **Error**: of delta (dim + 1) 2^-24 sum \|dy y\|, besides what the domain leaves out; of 1 / sum 0.5 units in the last place.
///
/// **Grid**: ceil(rows / (size \* each)) workgroups, folded into rows of 65,535 in y.
pub static ATTENTION_DELTA: Op = Op {
    name: "attention_delta",
    params: &[
        Param { name: "rows", float: false },
        Param { name: "dim", float: false },
    ],
    bindings: &[
        Binding { name: "y", elem: "f32", writable: false },
        Binding { name: "dy", elem: "f32", writable: false },
        Binding { name: "most", elem: "f32", writable: false },
        Binding { name: "sum", elem: "f32", writable: false },
        Binding { name: "saved", elem: "f32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "each", default: 1_f64 },
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, t| [
        min(ceil(u64::from(p[0]), u64::from(t[1]).saturating_mul(u64::from(t[0]))), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[1]).saturating_mul(u64::from(t[0]))), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"fn domain(x:f32)-> f32{
return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);
}
fn domain_bf16(bits:u32)-> f32{
return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);
}
override size:u32 = 64;
override each:u32 = 1;
fn first_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{
return(group.y * groups.x + group.x)* size * each + local;
}
struct Params{rows:u32,dim:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> y:array<f32>;
@group(0)@binding(2)var<storage,read> dy:array<f32>;
@group(0)@binding(3)var<storage,read> most:array<f32>;
@group(0)@binding(4)var<storage,read> sum:array<f32>;
@group(0)@binding(5)var<storage,read_write> saved:array<f32>;
@compute @workgroup_size(size)
fn attention_delta(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
var row = first_of(local,group,groups);
for(var e = 0u;e < each;e++){
if(row >= p.rows){
return;
}
var delta = 0.0;
for(var c = 0u;c < p.dim;c++){
delta += domain(dy[row * p.dim + c])* domain(y[row * p.dim + c]);
}
saved[3 * row]= most[row];
saved[3 * row + 1]= 1.0 / sum[row];
saved[3 * row + 2]= delta;
row += size;
}
}
"#,
};

/// attention_dq: the gradient of attention's queries.
///
/// **Shapes**: as of attention, with dy\[batch\]\[n\]\[heads\]\[dim\], the gradient of y, saved\[batch\]\[n\]\[heads\]\[3\] of attention_delta, which are most, 1 / sum
/// and delta, and dq\[batch\]\[n\]\[heads\]\[dim\] f32.
///
/// **Order**: s_j and m as in attention; w_j = exp(s_j - most) \* (1 / sum), exp taken as +0 below 2^-51; g_j = dy . v_j, one chain over the
/// columns; d_j = w_j \* (g_j - delta), taken as +0 below 2^-51 in magnitude. dq = +0; dq = dq + d_j \* k_j over the keys that the query
/// sees in order, where d_j is not 0; at the end dq = dq \* scale. Elements of q, k, v and dy count as +0 below 2^-51 in magnitude. Every
/// operation is rounded.
///
/// **Error**: 4 (dim S + dim + t + 8) 2^-24 \|scale\| sum_j w_j A_j \|k_j\| for t keys, S as in attention, A_j = sum \|dy v_j\| + sum \|dy y\|, and
/// 2^-49 \|scale\| sum_j (1 + A_j) \|k_j\|.
///
/// **Grid**: x ceil(n \* heads / kv_heads / (size / 4)), y kv_heads, z batch.
pub static ATTENTION_DQ: Op = Op {
    name: "attention_dq",
    params: &[
        Param { name: "batch", float: false },
        Param { name: "n", float: false },
        Param { name: "capacity", float: false },
        Param { name: "heads", float: false },
        Param { name: "kv_heads", float: false },
        Param { name: "scale", float: true },
    ],
    bindings: &[
        Binding { name: "lengths", elem: "vec2<u32>", writable: false },
        Binding { name: "q", elem: "f32", writable: false },
        Binding { name: "k", elem: "f32", writable: false },
        Binding { name: "v", elem: "f32", writable: false },
        Binding { name: "dy", elem: "f32", writable: false },
        Binding { name: "saved", elem: "f32", writable: false },
        Binding { name: "dq", elem: "f32", writable: true },
    ],
    overrides: &[
        Override { name: "causal", default: 0_f64 },
        Override { name: "dim", default: 64_f64 },
        Override { name: "values", default: 0_f64 },
    ],
    tile: &[
        Override { name: "size", default: 128_f64 },
    ],
    grid: |p, t| [
        ceil(u64::from(p[1]).saturating_mul(div(u64::from(p[3]), max(u64::from(p[4]), 1_u64))), div(u64::from(t[0]), 4_u64)),
        u64::from(p[4]),
        u64::from(p[0]),
    ],
    source: r#"fn domain(x:f32)-> f32{
return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);
}
fn domain_bf16(bits:u32)-> f32{
return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);
}
override size:u32 = 128;
override dim:u32 = 64;
override causal:bool = false;
override high:u32 = size / 4;
const wide = 32u;
const stride = 33u;
struct Params{batch:u32,n:u32,capacity:u32,heads:u32,kv_heads:u32,scale:f32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> lengths:array<vec2<u32>>;
var<workgroup> part:array<f32,(high + 1)* stride>;
var<workgroup> block:array<f32,wide * stride>;
struct Place{batch:u32,kv_head:u32,first:u32}
struct Seat{local:u32,x:u32,y:u32}
struct Eight{a:vec4<f32>,b:vec4<f32>}
var<private> kept:array<vec4<f32>,16>;
fn place_of(group:vec3<u32>)-> Place{
return Place(group.z,group.y,group.x * high);
}
fn seat_of(local:u32)-> Seat{
return Seat(local,local % wide,local / wide * 8);
}
fn group_heads()-> u32{
return p.heads / p.kv_heads;
}
fn query_rows()-> u32{
return p.n * group_heads();
}
fn query_at(at:Place,row:u32)-> u32{
let g = group_heads();
return(at.batch * p.n + row / g)* p.heads + at.kv_head * g + row % g;
}
fn key_at(at:Place,key:u32)-> u32{
return(at.batch * p.capacity + key)* p.kv_heads + at.kv_head;
}
fn keys_of(at:Place)-> u32{
return min(lengths[at.batch].y,p.capacity);
}
fn seen_by(at:Place,row:u32)-> u32{
var keys = keys_of(at);
if(causal){
keys = min(keys,lengths[at.batch].x + row / group_heads()+ 1);
}
return select(0,keys,row < query_rows());
}
fn products(at:Place,me:Seat,matrix:u32,first:u32)-> Eight{
var s:Eight;
for(var start = 0u;start < dim;start += wide){
workgroupBarrier();
for(var i = me.local;i < high * wide;i += size){
part[i / wide * stride + i % wide]= domain(owned(at,matrix,at.first + i / wide,start + i % wide));
}
for(var i = me.local;i < wide * wide;i += size){
block[i % wide * stride + i / wide]= other(at,matrix,first + i / wide,start + i % wide);
}
workgroupBarrier();
for(var c = 0u;c < min(wide,dim - start);c++){
let k = c % wide;
let l = eight(me,k);
let r = domain(block[k * stride + me.x]);
s.a += l.a * r;
s.b += l.b * r;
}
}
return s;
}
fn eight(me:Seat,column:u32)-> Eight{
let i = me.y * stride + column;
return Eight(vec4(part[i],part[i + stride],part[i + 2 * stride],part[i + 3 * stride]),
vec4(part[i + 4 * stride],part[i + 5 * stride],part[i + 6 * stride],part[i + 7 * stride]));
}
fn put(me:Seat,v:Eight,row:u32,column:u32){
workgroupBarrier();
let i = me.y * row + me.x * column;
block[i]= v.a.x;
block[i + row]= v.a.y;
block[i + 2 * row]= v.a.z;
block[i + 3 * row]= v.a.w;
block[i + 4 * row]= v.b.x;
block[i + 5 * row]= v.b.y;
block[i + 6 * row]= v.b.z;
block[i + 7 * row]= v.b.w;
workgroupBarrier();
}
fn weight_at(row:u32,j:u32)-> u32{
return j *(high + 1)+ row;
}
fn put_products(me:Seat,v:Eight){
put(me,v,1,high + 1);
}
fn put_results(me:Seat,v:Eight){
put(me,v,stride,1);
}
fn result_at(i:u32)-> f32{
return block[i / wide * stride + i % wide];
}
fn accumulate(at:Place,me:Seat,matrix:u32,first:u32,count:u32,start:u32){
var s = kept_at(start);
for(var j = 0u;j < count;j++){
let i = weight_at(me.y,j % wide);
var w = Eight(vec4(part[i],part[i + 1],part[i + 2],part[i + 3]),vec4(part[i + 4],part[i + 5],part[i + 6],part[i + 7]));
let r = domain(other(at,matrix,first + j,start + me.x));
if(all(w.a != vec4(0.0))&& all(w.b != vec4(0.0))){
s.a += w.a * r;
s.b += w.b * r;
continue;
}
for(var half = 0u;half < 2;half++){
let sum = select(s.a + w.a * r,s.a,w.a == vec4(0.0));
s = Eight(s.b,sum);
w = Eight(w.b,w.a);
}
}
kept[start / wide * 2]= s.a;
kept[start / wide * 2 + 1]= s.b;
}
fn kept_at(start:u32)-> Eight{
return Eight(kept[start / wide * 2],kept[start / wide * 2 + 1]);
}
fn domain4(v:vec4<f32>)-> vec4<f32>{
return vec4(domain(v.x),domain(v.y),domain(v.z),domain(v.w));
}
@group(0)@binding(2)var<storage,read> q:array<f32>;
@group(0)@binding(3)var<storage,read> k:array<f32>;
@group(0)@binding(4)var<storage,read> v:array<f32>;
@group(0)@binding(5)var<storage,read> dy:array<f32>;
@group(0)@binding(6)var<storage,read> saved:array<f32>;
fn query_part(at:Place,matrix:u32,row:u32,c:u32)-> f32{
let i = query_at(at,row)* dim + c;
if(matrix == 0){
return q[i];
}
return dy[i];
}
fn key_part(at:Place,matrix:u32,key:u32,c:u32)-> f32{
let i = key_at(at,key)* dim + c;
if(matrix == 0){
return k[i];
}
return v[i];
}
override values:bool = false;
struct Two{first:Eight,second:Eight}
fn two_products(at:Place,me:Seat,first:u32)-> Two{
var both:Two;
for(var matrix = 0u;matrix < 2;matrix++){
both.first = both.second;
if(!values || matrix == 1){
both.second = products(at,me,select(matrix,0,values),first);
}
}
if(values){
both.first = both.second;
}
return both;
}
fn weight(i:u32,s:f32)-> f32{
return domain(exp(p.scale * s - saved[3 * i]))* saved[3 * i + 1];
}
fn slope(i:u32,w:f32,g:f32)-> f32{
return domain(w *(g - saved[3 * i + 2]));
}
@group(0)@binding(7)var<storage,read_write> dq:array<f32>;
fn owned(at:Place,matrix:u32,row:u32,c:u32)-> f32{
return query_part(at,matrix,row,c);
}
fn other(at:Place,matrix:u32,key:u32,c:u32)-> f32{
return key_part(at,matrix,key,c);
}
@compute @workgroup_size(size)
fn attention_dq(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>){
let at = place_of(group);
let me = seat_of(local);
let end = seen_by(at,min(at.first + high,query_rows())- 1);
for(var first = 0u;first < end;first += wide){
let both = two_products(at,me,first);
let g = both.second;
put_products(me,both.first);
for(var i = 0u;i < 8;i++){
let row = at.first + me.y + i;
let to = weight_at(me.y + i,me.x);
let w = block[to];
var d = 0.0;
if(first + me.x < seen_by(at,row)){
let n = query_at(at,row);
d = slope(n,weight(n,w),select(g.b[i % 4],g.a[i % 4],i < 4));
}
part[to]= d;
}
workgroupBarrier();
for(var start = 0u;start < dim;start += wide){
accumulate(at,me,0,first,min(wide,end - first),start);
}
}
for(var start = 0u;start < dim;start += wide){
put_results(me,kept_at(start));
for(var i = local;i < high * wide;i += size){
let row = at.first + i / wide;
let c = start + i % wide;
if(row < query_rows()&& c < dim){
dq[query_at(at,row)* dim + c]= result_at(i)* p.scale;
}
}
}
}
"#,
};

/// attention_dkv: the gradient of attention's keys, or with the override values that of its values.
///
/// **Shapes**: as of attention_dq, and dx\[batch\]\[capacity\]\[kv_heads\]\[dim\] f32, the gradient of k or v: zeros for keys that no query sees.
///
/// **Order**: w and d as in attention_dq, and w taken as +0 below 2^-51 as well; dk = +0; dk = dk + d \* q over the queries that see the key,
/// and within each the heads that share it, in order, where d is not 0; at the end dk = dk \* scale. dv = +0; dv = dv + w \* dy likewise,
/// without the scale. Elements of q, k, v and dy count as +0 below 2^-51 in magnitude. Every operation is rounded.
///
/// **Error**: of dk 4 (dim S + dim + t + r + 8) 2^-24 \|scale\| sum_i w_i A_i \|q_i\| over the r rows of queries, with A as in attention_dq, and
/// 2^-49 \|scale\| sum_i (1 + A_i) \|q_i\|; of dv 4 (dim S + dim + t + r + 8) 2^-24 sum_i w_i \|dy_i\|, and 2^-49 sum_i \|dy_i\|.
///
/// **Grid**: x ceil(capacity / (size / 4)), y kv_heads, z batch.
pub static ATTENTION_DKV: Op = Op {
    name: "attention_dkv",
    params: &[
        Param { name: "batch", float: false },
        Param { name: "n", float: false },
        Param { name: "capacity", float: false },
        Param { name: "heads", float: false },
        Param { name: "kv_heads", float: false },
        Param { name: "scale", float: true },
    ],
    bindings: &[
        Binding { name: "lengths", elem: "vec2<u32>", writable: false },
        Binding { name: "q", elem: "f32", writable: false },
        Binding { name: "k", elem: "f32", writable: false },
        Binding { name: "v", elem: "f32", writable: false },
        Binding { name: "dy", elem: "f32", writable: false },
        Binding { name: "saved", elem: "f32", writable: false },
        Binding { name: "dx", elem: "f32", writable: true },
    ],
    overrides: &[
        Override { name: "causal", default: 0_f64 },
        Override { name: "dim", default: 64_f64 },
        Override { name: "values", default: 0_f64 },
    ],
    tile: &[
        Override { name: "size", default: 128_f64 },
    ],
    grid: |p, t| [
        ceil(u64::from(p[2]), div(u64::from(t[0]), 4_u64)),
        u64::from(p[4]),
        u64::from(p[0]),
    ],
    source: r#"fn domain(x:f32)-> f32{
return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);
}
fn domain_bf16(bits:u32)-> f32{
return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);
}
override size:u32 = 128;
override dim:u32 = 64;
override causal:bool = false;
override high:u32 = size / 4;
const wide = 32u;
const stride = 33u;
struct Params{batch:u32,n:u32,capacity:u32,heads:u32,kv_heads:u32,scale:f32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> lengths:array<vec2<u32>>;
var<workgroup> part:array<f32,(high + 1)* stride>;
var<workgroup> block:array<f32,wide * stride>;
struct Place{batch:u32,kv_head:u32,first:u32}
struct Seat{local:u32,x:u32,y:u32}
struct Eight{a:vec4<f32>,b:vec4<f32>}
var<private> kept:array<vec4<f32>,16>;
fn place_of(group:vec3<u32>)-> Place{
return Place(group.z,group.y,group.x * high);
}
fn seat_of(local:u32)-> Seat{
return Seat(local,local % wide,local / wide * 8);
}
fn group_heads()-> u32{
return p.heads / p.kv_heads;
}
fn query_rows()-> u32{
return p.n * group_heads();
}
fn query_at(at:Place,row:u32)-> u32{
let g = group_heads();
return(at.batch * p.n + row / g)* p.heads + at.kv_head * g + row % g;
}
fn key_at(at:Place,key:u32)-> u32{
return(at.batch * p.capacity + key)* p.kv_heads + at.kv_head;
}
fn keys_of(at:Place)-> u32{
return min(lengths[at.batch].y,p.capacity);
}
fn seen_by(at:Place,row:u32)-> u32{
var keys = keys_of(at);
if(causal){
keys = min(keys,lengths[at.batch].x + row / group_heads()+ 1);
}
return select(0,keys,row < query_rows());
}
fn products(at:Place,me:Seat,matrix:u32,first:u32)-> Eight{
var s:Eight;
for(var start = 0u;start < dim;start += wide){
workgroupBarrier();
for(var i = me.local;i < high * wide;i += size){
part[i / wide * stride + i % wide]= domain(owned(at,matrix,at.first + i / wide,start + i % wide));
}
for(var i = me.local;i < wide * wide;i += size){
block[i % wide * stride + i / wide]= other(at,matrix,first + i / wide,start + i % wide);
}
workgroupBarrier();
for(var c = 0u;c < min(wide,dim - start);c++){
let k = c % wide;
let l = eight(me,k);
let r = domain(block[k * stride + me.x]);
s.a += l.a * r;
s.b += l.b * r;
}
}
return s;
}
fn eight(me:Seat,column:u32)-> Eight{
let i = me.y * stride + column;
return Eight(vec4(part[i],part[i + stride],part[i + 2 * stride],part[i + 3 * stride]),
vec4(part[i + 4 * stride],part[i + 5 * stride],part[i + 6 * stride],part[i + 7 * stride]));
}
fn put(me:Seat,v:Eight,row:u32,column:u32){
workgroupBarrier();
let i = me.y * row + me.x * column;
block[i]= v.a.x;
block[i + row]= v.a.y;
block[i + 2 * row]= v.a.z;
block[i + 3 * row]= v.a.w;
block[i + 4 * row]= v.b.x;
block[i + 5 * row]= v.b.y;
block[i + 6 * row]= v.b.z;
block[i + 7 * row]= v.b.w;
workgroupBarrier();
}
fn weight_at(row:u32,j:u32)-> u32{
return j *(high + 1)+ row;
}
fn put_products(me:Seat,v:Eight){
put(me,v,1,high + 1);
}
fn put_results(me:Seat,v:Eight){
put(me,v,stride,1);
}
fn result_at(i:u32)-> f32{
return block[i / wide * stride + i % wide];
}
fn accumulate(at:Place,me:Seat,matrix:u32,first:u32,count:u32,start:u32){
var s = kept_at(start);
for(var j = 0u;j < count;j++){
let i = weight_at(me.y,j % wide);
var w = Eight(vec4(part[i],part[i + 1],part[i + 2],part[i + 3]),vec4(part[i + 4],part[i + 5],part[i + 6],part[i + 7]));
let r = domain(other(at,matrix,first + j,start + me.x));
if(all(w.a != vec4(0.0))&& all(w.b != vec4(0.0))){
s.a += w.a * r;
s.b += w.b * r;
continue;
}
for(var half = 0u;half < 2;half++){
let sum = select(s.a + w.a * r,s.a,w.a == vec4(0.0));
s = Eight(s.b,sum);
w = Eight(w.b,w.a);
}
}
kept[start / wide * 2]= s.a;
kept[start / wide * 2 + 1]= s.b;
}
fn kept_at(start:u32)-> Eight{
return Eight(kept[start / wide * 2],kept[start / wide * 2 + 1]);
}
fn domain4(v:vec4<f32>)-> vec4<f32>{
return vec4(domain(v.x),domain(v.y),domain(v.z),domain(v.w));
}
@group(0)@binding(2)var<storage,read> q:array<f32>;
@group(0)@binding(3)var<storage,read> k:array<f32>;
@group(0)@binding(4)var<storage,read> v:array<f32>;
@group(0)@binding(5)var<storage,read> dy:array<f32>;
@group(0)@binding(6)var<storage,read> saved:array<f32>;
fn query_part(at:Place,matrix:u32,row:u32,c:u32)-> f32{
let i = query_at(at,row)* dim + c;
if(matrix == 0){
return q[i];
}
return dy[i];
}
fn key_part(at:Place,matrix:u32,key:u32,c:u32)-> f32{
let i = key_at(at,key)* dim + c;
if(matrix == 0){
return k[i];
}
return v[i];
}
override values:bool = false;
struct Two{first:Eight,second:Eight}
fn two_products(at:Place,me:Seat,first:u32)-> Two{
var both:Two;
for(var matrix = 0u;matrix < 2;matrix++){
both.first = both.second;
if(!values || matrix == 1){
both.second = products(at,me,select(matrix,0,values),first);
}
}
if(values){
both.first = both.second;
}
return both;
}
fn weight(i:u32,s:f32)-> f32{
return domain(exp(p.scale * s - saved[3 * i]))* saved[3 * i + 1];
}
fn slope(i:u32,w:f32,g:f32)-> f32{
return domain(w *(g - saved[3 * i + 2]));
}
@group(0)@binding(7)var<storage,read_write> dx:array<f32>;
fn owned(at:Place,matrix:u32,key:u32,c:u32)-> f32{
return key_part(at,matrix,key,c);
}
fn other(at:Place,matrix:u32,row:u32,c:u32)-> f32{
return query_part(at,matrix,row,c);
}
@compute @workgroup_size(size)
fn attention_dkv(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>){
let at = place_of(group);
let me = seat_of(local);
let end = select(0,query_rows(),at.first < keys_of(at));
var begin = 0u;
if(causal){
let start = lengths[at.batch].x;
begin = select(0,min(at.first - start,p.n)* group_heads(),at.first > start);
}
for(var first = begin;first < end;first += wide){
let both = two_products(at,me,first);
let g = both.second;
put_products(me,both.first);
let row = first + me.x;
let sees = seen_by(at,row);
let n = query_at(at,row);
for(var i = 0u;i < 8;i++){
let to = weight_at(me.y + i,me.x);
var d = 0.0;
if(at.first + me.y + i < sees){
let w = weight(n,block[to]);
d = domain(w);
if(!values){
d = slope(n,w,select(g.b[i % 4],g.a[i % 4],i < 4));
}
}
part[to]= d;
}
workgroupBarrier();
for(var start = 0u;start < dim;start += wide){
accumulate(at,me,select(0u,1u,values),first,min(wide,end - first),start);
}
}
for(var start = 0u;start < dim;start += wide){
put_results(me,kept_at(start));
for(var i = local;i < high * wide;i += size){
let key = at.first + i / wide;
let c = start + i % wide;
if(key < p.capacity && c < dim){
dx[key_at(at,key)* dim + c]= result_at(i)* select(p.scale,1.0,values);
}
}
}
}
"#,
};

/// embedding: y = the rows of a table that n tokens name.
///
/// **Shapes**: n, vocab, dim; ids\[n\] u32, table\[vocab\]\[dim\], y\[n\]\[dim\] words: f32, or any other.
///
/// **Order**: y\[t\] is table\[ids\[t\]\], bit for bit; zeros where ids\[t\] >= vocab.
///
/// **Error**: none.
///
/// **Grid**: x ceil(dim / size), y ceil(n / tall), folded into z.
pub static EMBEDDING: Op = Op {
    name: "embedding",
    params: &[
        Param { name: "n", float: false },
        Param { name: "vocab", float: false },
        Param { name: "dim", float: false },
    ],
    bindings: &[
        Binding { name: "ids", elem: "u32", writable: false },
        Binding { name: "table", elem: "u32", writable: false },
        Binding { name: "y", elem: "u32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "size", default: 32_f64 },
        Override { name: "tall", default: 2_f64 },
    ],
    grid: |p, t| [
        ceil(u64::from(p[2]), u64::from(t[0])),
        min(ceil(u64::from(p[0]), u64::from(t[1])), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[1])), 65535_u64), 1_u64),
    ],
    source: r#"override size:u32 = 32;
override tall:u32 = 2;
fn row_of(local:vec3<u32>,group:vec3<u32>,groups:vec3<u32>)-> u32{
return(group.z * groups.y + group.y)* tall + local.y;
}
struct Params{n:u32,vocab:u32,dim:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> ids:array<u32>;
@group(0)@binding(2)var<storage,read> table:array<u32>;
@group(0)@binding(3)var<storage,read_write> y:array<u32>;
@compute @workgroup_size(size,tall)
fn embedding(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
let t = row_of(local,group,groups);
let c = group.x * size + local.x;
if(t >= p.n || c >= p.dim){
return;
}
let id = ids[t];
var v = 0u;
if(id < p.vocab){
v = table[id * p.dim + c];
}
y[t * p.dim + c]= v;
}
"#,
};

/// embedding_index: for each row of a table the tokens that name it, as lists in token order, for embedding_backward.
///
/// **Shapes**: n, vocab; ids\[n\] u32, head\[vocab\] u32, zeros before, next\[n\] u32.
///
/// **Order**: head\[v\] is n - t for the first token t that names v, and stays 0 where none does; next\[t\] is the first token after t
/// that names the same row, n where there is none or ids\[t\] >= vocab.
///
/// **Error**: none.
///
/// **Grid**: ceil(n / (size \* each)) workgroups, folded into rows of 65,535 in y.
pub static EMBEDDING_INDEX: Op = Op {
    name: "embedding_index",
    params: &[
        Param { name: "n", float: false },
        Param { name: "vocab", float: false },
    ],
    bindings: &[
        Binding { name: "ids", elem: "u32", writable: false },
        Binding { name: "head", elem: "u32", writable: true },
        Binding { name: "next", elem: "u32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "each", default: 1_f64 },
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, t| [
        min(ceil(u64::from(p[0]), u64::from(t[1]).saturating_mul(u64::from(t[0]))), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[1]).saturating_mul(u64::from(t[0]))), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"override size:u32 = 64;
override each:u32 = 1;
fn first_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{
return(group.y * groups.x + group.x)* size * each + local;
}
struct Params{n:u32,vocab:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> ids:array<u32>;
@group(0)@binding(2)var<storage,read_write> head:array<atomic<u32>>;
@group(0)@binding(3)var<storage,read_write> next:array<u32>;
@compute @workgroup_size(size)
fn embedding_index(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
var t = first_of(local,group,groups);
for(var e = 0u;e < each;e++){
if(t >= p.n){
return;
}
let id = ids[t];
var u = p.n;
if(id < p.vocab){
atomicMax(&head[id],p.n - t);
u = t + 1u;
while(u < p.n){
if(ids[u]== id){
break;
}
u++;
}
}
next[t]= u;
t += size;
}
}
"#,
};

/// embedding_backward: the gradient of an embedding's table.
///
/// **Shapes**: n, vocab, dim; head\[vocab\] and next\[n\] u32 from embedding_index, dy\[n\]\[dim\], dtable\[vocab\]\[dim\] f32.
///
/// **Order**: dtable\[v\]\[c\] is one chain of sums over the tokens t that name v, in token order: from +0, or with the override
/// accumulate from what dtable\[v\]\[c\] was, plus dy\[t\]\[c\] each. So a row that no token names becomes +0, or stays.
///
/// **Error**: k 2^-24 (1 + k 2^-24) times the sum of the magnitudes of the k numbers added.
///
/// **Grid**: x ceil(dim / size), y ceil(vocab / tall), folded into z.
pub static EMBEDDING_BACKWARD: Op = Op {
    name: "embedding_backward",
    params: &[
        Param { name: "n", float: false },
        Param { name: "vocab", float: false },
        Param { name: "dim", float: false },
    ],
    bindings: &[
        Binding { name: "head", elem: "u32", writable: false },
        Binding { name: "next", elem: "u32", writable: false },
        Binding { name: "dy", elem: "f32", writable: false },
        Binding { name: "dtable", elem: "f32", writable: true },
    ],
    overrides: &[
        Override { name: "accumulate", default: 0_f64 },
    ],
    tile: &[
        Override { name: "size", default: 32_f64 },
        Override { name: "tall", default: 2_f64 },
    ],
    grid: |p, t| [
        ceil(u64::from(p[2]), u64::from(t[0])),
        min(ceil(u64::from(p[1]), u64::from(t[1])), 65535_u64),
        max(ceil(ceil(u64::from(p[1]), u64::from(t[1])), 65535_u64), 1_u64),
    ],
    source: r#"override size:u32 = 32;
override tall:u32 = 2;
fn row_of(local:vec3<u32>,group:vec3<u32>,groups:vec3<u32>)-> u32{
return(group.z * groups.y + group.y)* tall + local.y;
}
override accumulate:bool = false;
struct Params{n:u32,vocab:u32,dim:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> head:array<u32>;
@group(0)@binding(2)var<storage,read> next:array<u32>;
@group(0)@binding(3)var<storage,read> dy:array<f32>;
@group(0)@binding(4)var<storage,read_write> dtable:array<f32>;
@compute @workgroup_size(size,tall)
fn embedding_backward(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
let v = row_of(local,group,groups);
let c = group.x * size + local.x;
if(v >= p.vocab || c >= p.dim){
return;
}
var sum = 0.0;
if(accumulate){
sum = dtable[v * p.dim + c];
}
var t = p.n - head[v];
while(t < p.n){
sum += dy[t * p.dim + c];
t = next[t];
}
dtable[v * p.dim + c]= sum;
}
"#,
};

/// rotary_frequencies: how fast each pair of a head turns, base^(-i/n), for rotary_table.
///
/// **Shapes**: n pairs, base; frequency\[n\] f32. A model with frequencies of its own brings them instead.
///
/// **Order**: exp2(-((f32(i) / f32(n)) \* log2(base))).
///
/// **Error**: (1 + 2.2 e) 2^-24 of the result, where e = (i/n) log2(base).
///
/// **Grid**: ceil(n / (size \* each)) workgroups, folded into rows of 65,535 in y.
pub static ROTARY_FREQUENCIES: Op = Op {
    name: "rotary_frequencies",
    params: &[
        Param { name: "n", float: false },
        Param { name: "base", float: true },
    ],
    bindings: &[
        Binding { name: "frequency", elem: "f32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "each", default: 1_f64 },
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, t| [
        min(ceil(u64::from(p[0]), u64::from(t[1]).saturating_mul(u64::from(t[0]))), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[1]).saturating_mul(u64::from(t[0]))), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"override size:u32 = 64;
override each:u32 = 1;
fn first_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{
return(group.y * groups.x + group.x)* size * each + local;
}
struct Params{n:u32,base:f32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read_write> frequency:array<f32>;
@compute @workgroup_size(size)
fn rotary_frequencies(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
var i = first_of(local,group,groups);
for(var e = 0u;e < each;e++){
if(i >= p.n){
return;
}
frequency[i]= exp2(-((f32(i)/ f32(p.n))* log2(p.base)));
i += size;
}
}
"#,
};

/// rotary_table: the cosines and sines that rotary turns by, a row for each position.
///
/// **Shapes**: rows, n pairs, first; frequency\[n\], cosine\[rows\]\[n\], sine\[rows\]\[n\] f32. Row r is for position first + r.
///
/// **Order**: angle = f32(first + r) \* frequency\[i\]; cos(angle) and sin(angle).
///
/// **Error**: \|angle\| 2^-24 + 2^-24 for the frequencies given, and positions below 2^24.
///
/// **Grid**: x ceil(n / size), y ceil(rows / tall), folded into z.
pub static ROTARY_TABLE: Op = Op {
    name: "rotary_table",
    params: &[
        Param { name: "rows", float: false },
        Param { name: "n", float: false },
        Param { name: "first", float: false },
    ],
    bindings: &[
        Binding { name: "frequency", elem: "f32", writable: false },
        Binding { name: "cosine", elem: "f32", writable: true },
        Binding { name: "sine", elem: "f32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "size", default: 32_f64 },
        Override { name: "tall", default: 2_f64 },
    ],
    grid: |p, t| [
        ceil(u64::from(p[1]), u64::from(t[0])),
        min(ceil(u64::from(p[0]), u64::from(t[1])), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[1])), 65535_u64), 1_u64),
    ],
    source: r#"override size:u32 = 32;
override tall:u32 = 2;
fn row_of(local:vec3<u32>,group:vec3<u32>,groups:vec3<u32>)-> u32{
return(group.z * groups.y + group.y)* tall + local.y;
}
struct Params{rows:u32,n:u32,first:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> frequency:array<f32>;
@group(0)@binding(2)var<storage,read_write> cosine:array<f32>;
@group(0)@binding(3)var<storage,read_write> sine:array<f32>;
@compute @workgroup_size(size,tall)
fn rotary_table(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
let row = row_of(local,group,groups);
let i = group.x * size + local.x;
if(row >= p.rows || i >= p.n){
return;
}
let angle = f32(p.first + row)* frequency[i];
cosine[row * p.n + i]= cos(angle);
sine[row * p.n + i]= sin(angle);
}
"#,
};

/// rotary: turns pairs of numbers in each head of each token by angles that depend on the token's position (rotary position
/// embedding, Su et al. 2021), or with the override inverse back: which is also the gradient.
///
/// **Shapes**: tokens, heads, dim, n pairs (2n \<= dim), rows; positions\[tokens\] u32, cosine\[rows\]\[n\] and sine\[rows\]\[n\] from
/// rotary_table, x\[tokens\]\[heads\]\[dim\], y alike, f32. Pair i is the elements i and n + i of a head, or with the override
/// neighbours 2i and 2i + 1. Elements from 2n on are copied.
///
/// **Order**: with c and s of the token's position, (a, b) becomes (a\*c - b\*s, b\*c + a\*s), and the inverse (a\*c + b\*s, b\*c - a\*s):
/// two products, each rounded, then their sum or difference. c and s are 0 for positions >= rows.
///
/// **Error**: 2^-23 (\|a\| + \|b\|) for the table given.
///
/// **Grid**: x ceil(n / size), y ceil(tokens \* heads / tall), folded into z.
pub static ROTARY: Op = Op {
    name: "rotary",
    params: &[
        Param { name: "tokens", float: false },
        Param { name: "heads", float: false },
        Param { name: "dim", float: false },
        Param { name: "n", float: false },
        Param { name: "rows", float: false },
    ],
    bindings: &[
        Binding { name: "positions", elem: "u32", writable: false },
        Binding { name: "cosine", elem: "f32", writable: false },
        Binding { name: "sine", elem: "f32", writable: false },
        Binding { name: "x", elem: "f32", writable: false },
        Binding { name: "y", elem: "f32", writable: true },
    ],
    overrides: &[
        Override { name: "inverse", default: 0_f64 },
        Override { name: "neighbours", default: 0_f64 },
    ],
    tile: &[
        Override { name: "size", default: 32_f64 },
        Override { name: "tall", default: 2_f64 },
    ],
    grid: |p, t| [
        ceil(u64::from(p[3]), u64::from(t[0])),
        min(ceil(u64::from(p[0]).saturating_mul(u64::from(p[1])), u64::from(t[1])), 65535_u64),
        max(ceil(ceil(u64::from(p[0]).saturating_mul(u64::from(p[1])), u64::from(t[1])), 65535_u64), 1_u64),
    ],
    source: r#"override size:u32 = 32;
override tall:u32 = 2;
fn row_of(local:vec3<u32>,group:vec3<u32>,groups:vec3<u32>)-> u32{
return(group.z * groups.y + group.y)* tall + local.y;
}
override inverse:bool = false;
override neighbours:bool = false;
struct Params{tokens:u32,heads:u32,dim:u32,n:u32,rows:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> positions:array<u32>;
@group(0)@binding(2)var<storage,read> cosine:array<f32>;
@group(0)@binding(3)var<storage,read> sine:array<f32>;
@group(0)@binding(4)var<storage,read> x:array<f32>;
@group(0)@binding(5)var<storage,read_write> y:array<f32>;
@compute @workgroup_size(size,tall)
fn rotary(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
let row = row_of(local,group,groups);
let i = group.x * size + local.x;
if(row >= p.tokens * p.heads || i >= p.n){
return;
}
let position = positions[row / p.heads];
var c = 0.0;
var s = 0.0;
if(position < p.rows){
c = cosine[position * p.n + i];
s = sine[position * p.n + i];
}
let first = row * p.dim;
var at = first + i;
var to = at + p.n;
if(neighbours){
at = first + 2u * i;
to = at + 1u;
}
let a = x[at];
let b = x[to];
if(inverse){
y[at]= a * c + b * s;
y[to]= b * c - a * s;
}else{
y[at]= a * c - b * s;
y[to]= b * c + a * s;
}
for(var e = 2u * p.n + i;e < p.dim;e += p.n){
y[first + e]= x[first + e];
}
}
"#,
};

/// cache_append: writes the keys, or the values, of new tokens behind those that a cache holds.
///
/// **Shapes**: batch, n new tokens in each, capacity, width (heads times their size); start\[batch\] u32, x\[batch\]\[n\]\[width\] words,
/// cache\[batch\]\[capacity\]\[width\] words.
///
/// **Order**: cache\[b\]\[start\[b\] + i\] becomes x\[b\]\[i\], bit for bit, where start\[b\] + i \< capacity; all else stays.
///
/// **Error**: none.
///
/// **Grid**: x ceil(width / size), y ceil(batch \* n / tall), folded into z.
pub static CACHE_APPEND: Op = Op {
    name: "cache_append",
    params: &[
        Param { name: "batch", float: false },
        Param { name: "n", float: false },
        Param { name: "capacity", float: false },
        Param { name: "width", float: false },
    ],
    bindings: &[
        Binding { name: "start", elem: "u32", writable: false },
        Binding { name: "x", elem: "u32", writable: false },
        Binding { name: "cache", elem: "u32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "size", default: 32_f64 },
        Override { name: "tall", default: 2_f64 },
    ],
    grid: |p, t| [
        ceil(u64::from(p[3]), u64::from(t[0])),
        min(ceil(u64::from(p[0]).saturating_mul(u64::from(p[1])), u64::from(t[1])), 65535_u64),
        max(ceil(ceil(u64::from(p[0]).saturating_mul(u64::from(p[1])), u64::from(t[1])), 65535_u64), 1_u64),
    ],
    source: r#"override size:u32 = 32;
override tall:u32 = 2;
fn row_of(local:vec3<u32>,group:vec3<u32>,groups:vec3<u32>)-> u32{
return(group.z * groups.y + group.y)* tall + local.y;
}
struct Params{batch:u32,n:u32,capacity:u32,width:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> start:array<u32>;
@group(0)@binding(2)var<storage,read> x:array<u32>;
@group(0)@binding(3)var<storage,read_write> cache:array<u32>;
@compute @workgroup_size(size,tall)
fn cache_append(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
let row = row_of(local,group,groups);
let c = group.x * size + local.x;
if(row >= p.batch * p.n || c >= p.width){
return;
}
let b = row / p.n;
let i = row % p.n;
let first = start[b];
if(first < p.capacity && i < p.capacity - first){
cache[(b * p.capacity + first + i)* p.width + c]= x[row * p.width + c];
}
}
"#,
};

/// sgd: a step of stochastic gradient descent with momentum, in place.
///
/// **Shapes**: n, rate, momentum, decay; w\[n\], g\[n\], v\[n\] f32; v, the velocity, is zeros before the first step.
///
/// **Order**: d = g + decay \* w; v' = momentum \* v + d; w' = w - rate \* v', or with the override nesterov
/// w - rate \* (d + momentum \* v'). Every product is rounded, then the sum.
///
/// **Error**: 2^-22 (\|w\| + rate (\|g\| + \|decay w\| + \|momentum v\|) (1 + momentum)).
///
/// **Grid**: ceil(n / (size \* each)) workgroups, folded into rows of 65,535 in y.
pub static SGD: Op = Op {
    name: "sgd",
    params: &[
        Param { name: "n", float: false },
        Param { name: "rate", float: true },
        Param { name: "momentum", float: true },
        Param { name: "decay", float: true },
    ],
    bindings: &[
        Binding { name: "w", elem: "f32", writable: true },
        Binding { name: "g", elem: "f32", writable: false },
        Binding { name: "v", elem: "f32", writable: true },
    ],
    overrides: &[
        Override { name: "nesterov", default: 0_f64 },
    ],
    tile: &[
        Override { name: "each", default: 1_f64 },
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, t| [
        min(ceil(u64::from(p[0]), u64::from(t[1]).saturating_mul(u64::from(t[0]))), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[1]).saturating_mul(u64::from(t[0]))), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"override size:u32 = 64;
override each:u32 = 1;
fn first_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{
return(group.y * groups.x + group.x)* size * each + local;
}
override nesterov:bool = false;
struct Params{n:u32,rate:f32,momentum:f32,decay:f32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read_write> w:array<f32>;
@group(0)@binding(2)var<storage,read> g:array<f32>;
@group(0)@binding(3)var<storage,read_write> v:array<f32>;
@compute @workgroup_size(size)
fn sgd(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
var i = first_of(local,group,groups);
for(var e = 0u;e < each;e++){
if(i >= p.n){
return;
}
let d = g[i]+ p.decay * w[i];
let velocity = p.momentum * v[i]+ d;
var step = velocity;
if(nesterov){
step = d + p.momentum * velocity;
}
v[i]= velocity;
w[i]= w[i]- p.rate * step;
i += size;
}
}
"#,
};

/// adam: a step of Adam (Kingma, Ba 2015) in place; the weight decay is part of the gradient.
///
/// **Shapes**: n, rate, beta1, beta2, epsilon, decay, correct1, correct2; w\[n\], g\[n\], m\[n\], v\[n\] f32; the moments m and v are zeros
/// before the first step. In step t (the first is 1), correct1 is 1 / (1 - beta1^t) and correct2 is 1 / (1 - beta2^t), each
/// worked out in float64 and rounded.
///
/// **Order**: d = g + decay \* w; u = w;
/// m' = beta1 \* m + (1 - beta1) \* d; v' = beta2 \* v + ((1 - beta2) \* d) \* d;
/// w' = u - rate \* ((m' \* correct1) / (sqrt(v' \* correct2) + epsilon)). Every operation is rounded.
///
/// **Error**: of w', 2^-21 (\|w\| + rate r), where r is (\|beta1 m\| + \|(1 - beta1) d\|) correct1 / (sqrt(v' correct2) + epsilon).
///
/// **Grid**: ceil(n / (size \* each)) workgroups, folded into rows of 65,535 in y.
pub static ADAM: Op = Op {
    name: "adam",
    params: &[
        Param { name: "n", float: false },
        Param { name: "rate", float: true },
        Param { name: "beta1", float: true },
        Param { name: "beta2", float: true },
        Param { name: "epsilon", float: true },
        Param { name: "decay", float: true },
        Param { name: "correct1", float: true },
        Param { name: "correct2", float: true },
    ],
    bindings: &[
        Binding { name: "w", elem: "f32", writable: true },
        Binding { name: "g", elem: "f32", writable: false },
        Binding { name: "m", elem: "f32", writable: true },
        Binding { name: "v", elem: "f32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "each", default: 1_f64 },
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, t| [
        min(ceil(u64::from(p[0]), u64::from(t[1]).saturating_mul(u64::from(t[0]))), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[1]).saturating_mul(u64::from(t[0]))), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"override size:u32 = 64;
override each:u32 = 1;
fn first_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{
return(group.y * groups.x + group.x)* size * each + local;
}
struct Params{n:u32,rate:f32,beta1:f32,beta2:f32,epsilon:f32,decay:f32,correct1:f32,correct2:f32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read_write> w:array<f32>;
@group(0)@binding(2)var<storage,read> g:array<f32>;
@group(0)@binding(3)var<storage,read_write> m:array<f32>;
@group(0)@binding(4)var<storage,read_write> v:array<f32>;
fn adam_step(i:u32,start:f32,d:f32){
let first = p.beta1 * m[i]+(1.0 - p.beta1)* d;
let second = p.beta2 * v[i]+((1.0 - p.beta2)* d)* d;
m[i]= first;
v[i]= second;
w[i]= start - p.rate *((first * p.correct1)/(sqrt(second * p.correct2)+ p.epsilon));
}
@compute @workgroup_size(size)
fn adam(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
var i = first_of(local,group,groups);
for(var e = 0u;e < each;e++){
if(i >= p.n){
return;
}
adam_step(i,w[i],g[i]+ p.decay * w[i]);
i += size;
}
}
"#,
};

/// adamw: a step of Adam with decoupled weight decay (Loshchilov, Hutter 2019) in place.
///
/// **Shapes**: n, rate, beta1, beta2, epsilon, decay, correct1, correct2; w\[n\], g\[n\], m\[n\], v\[n\] f32; the moments m and v are zeros
/// before the first step. In step t (the first is 1), correct1 is 1 / (1 - beta1^t) and correct2 is 1 / (1 - beta2^t), each
/// worked out in float64 and rounded.
///
/// **Order**: d = g; u = w \* (1 - rate \* decay);
/// m' = beta1 \* m + (1 - beta1) \* d; v' = beta2 \* v + ((1 - beta2) \* d) \* d;
/// w' = u - rate \* ((m' \* correct1) / (sqrt(v' \* correct2) + epsilon)). Every operation is rounded.
///
/// **Error**: of w', 2^-21 (\|w\| + rate r), where r is (\|beta1 m\| + \|(1 - beta1) d\|) correct1 / (sqrt(v' correct2) + epsilon).
///
/// **Grid**: ceil(n / (size \* each)) workgroups, folded into rows of 65,535 in y.
pub static ADAMW: Op = Op {
    name: "adamw",
    params: &[
        Param { name: "n", float: false },
        Param { name: "rate", float: true },
        Param { name: "beta1", float: true },
        Param { name: "beta2", float: true },
        Param { name: "epsilon", float: true },
        Param { name: "decay", float: true },
        Param { name: "correct1", float: true },
        Param { name: "correct2", float: true },
    ],
    bindings: &[
        Binding { name: "w", elem: "f32", writable: true },
        Binding { name: "g", elem: "f32", writable: false },
        Binding { name: "m", elem: "f32", writable: true },
        Binding { name: "v", elem: "f32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "each", default: 1_f64 },
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, t| [
        min(ceil(u64::from(p[0]), u64::from(t[1]).saturating_mul(u64::from(t[0]))), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[1]).saturating_mul(u64::from(t[0]))), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"override size:u32 = 64;
override each:u32 = 1;
fn first_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{
return(group.y * groups.x + group.x)* size * each + local;
}
struct Params{n:u32,rate:f32,beta1:f32,beta2:f32,epsilon:f32,decay:f32,correct1:f32,correct2:f32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read_write> w:array<f32>;
@group(0)@binding(2)var<storage,read> g:array<f32>;
@group(0)@binding(3)var<storage,read_write> m:array<f32>;
@group(0)@binding(4)var<storage,read_write> v:array<f32>;
fn adam_step(i:u32,start:f32,d:f32){
let first = p.beta1 * m[i]+(1.0 - p.beta1)* d;
let second = p.beta2 * v[i]+((1.0 - p.beta2)* d)* d;
m[i]= first;
v[i]= second;
w[i]= start - p.rate *((first * p.correct1)/(sqrt(second * p.correct2)+ p.epsilon));
}
@compute @workgroup_size(size)
fn adamw(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
var i = first_of(local,group,groups);
for(var e = 0u;e < each;e++){
if(i >= p.n){
return;
}
adam_step(i,w[i]*(1.0 - p.rate * p.decay),g[i]);
i += size;
}
}
"#,
};

/// clip: scales gradients down to a global norm, in place.
///
/// **Shapes**: n, limit; squares\[1\] f32, the sum of the squares of all gradients that are clipped together; g\[n\] f32.
///
/// **Order**: norm = sqrt(squares\[0\]); where norm > limit, g' = g \* (limit / norm), and else g stays, bit for bit. So where the norm is a
/// NaN nothing changes, and where it is infinite g' is +-0.
///
/// **Error**: 2^-22 of the result for the squares given, or 2^-149.
///
/// **Grid**: ceil(n / (size \* each)) workgroups, folded into rows of 65,535 in y.
pub static CLIP: Op = Op {
    name: "clip",
    params: &[
        Param { name: "n", float: false },
        Param { name: "limit", float: true },
    ],
    bindings: &[
        Binding { name: "squares", elem: "f32", writable: false },
        Binding { name: "g", elem: "f32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "each", default: 1_f64 },
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, t| [
        min(ceil(u64::from(p[0]), u64::from(t[1]).saturating_mul(u64::from(t[0]))), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[1]).saturating_mul(u64::from(t[0]))), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"override size:u32 = 64;
override each:u32 = 1;
fn first_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{
return(group.y * groups.x + group.x)* size * each + local;
}
struct Params{n:u32,limit:f32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> squares:array<f32>;
@group(0)@binding(2)var<storage,read_write> g:array<f32>;
@compute @workgroup_size(size)
fn clip(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
let norm = sqrt(squares[0]);
if(!(norm > p.limit)){
return;
}
let factor = p.limit / norm;
var i = first_of(local,group,groups);
for(var e = 0u;e < each;e++){
if(i >= p.n){
return;
}
g[i]= g[i]* factor;
i += size;
}
}
"#,
};

/// f32_to_bf16: n numbers to bf16.
///
/// **Shapes**: n; x\[n\] f32, y\[ceil(n / 2)\] words of two bf16, the first in the lower half; the upper half is 0 where n ends.
///
/// **Order**: the nearest bf16, to even in a tie, subnormals too; every NaN gives 0x7fc0. In integers.
///
/// **Error**: 2^-8 of the number between 2^-126 and 255/256 2^128, 2^-134 below.
///
/// **Grid**: ceil(ceil(n / 2) / (size \* each)) workgroups, folded into rows of 65,535 in y.
pub static F32_TO_BF16: Op = Op {
    name: "f32_to_bf16",
    params: &[
        Param { name: "n", float: false },
    ],
    bindings: &[
        Binding { name: "x", elem: "u32", writable: false },
        Binding { name: "y", elem: "u32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "each", default: 1_f64 },
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, t| [
        min(ceil(ceil(u64::from(p[0]), 2_u64), u64::from(t[1]).saturating_mul(u64::from(t[0]))), 65535_u64),
        max(ceil(ceil(ceil(u64::from(p[0]), 2_u64), u64::from(t[1]).saturating_mul(u64::from(t[0]))), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"override size:u32 = 64;
override each:u32 = 1;
fn first_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{
return(group.y * groups.x + group.x)* size * each + local;
}
fn bf16_from(bits:u32)-> u32{
if((bits & 0x7fffffff)> 0x7f800000){
return 0x7fc0;
}
return(bits + 0x7fff +((bits >> 16)& 1))>> 16;
}
struct Params{n:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> x:array<u32>;
@group(0)@binding(2)var<storage,read_write> y:array<u32>;
@compute @workgroup_size(size)
fn f32_to_bf16(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
var i = first_of(local,group,groups);
for(var e = 0u;e < each;e++){
if(i >=(p.n + 1)/ 2){
return;
}
var w = bf16_from(x[2 * i]);
if(2 * i + 1 < p.n){
w |= bf16_from(x[2 * i + 1])<< 16;
}
y[i]= w;
i += size;
}
}
"#,
};

/// bf16_to_f32: n bf16 numbers to f32.
///
/// **Shapes**: n; x\[ceil(n / 2)\] words of two bf16, the first in the lower half, y\[n\] f32.
///
/// **Order**: the same number; every NaN gives 0x7fc00000. In integers.
///
/// **Error**: none.
///
/// **Grid**: ceil(n / (size \* each)) workgroups, folded into rows of 65,535 in y.
pub static BF16_TO_F32: Op = Op {
    name: "bf16_to_f32",
    params: &[
        Param { name: "n", float: false },
    ],
    bindings: &[
        Binding { name: "x", elem: "u32", writable: false },
        Binding { name: "y", elem: "u32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "each", default: 1_f64 },
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, t| [
        min(ceil(u64::from(p[0]), u64::from(t[1]).saturating_mul(u64::from(t[0]))), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[1]).saturating_mul(u64::from(t[0]))), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"override size:u32 = 64;
override each:u32 = 1;
fn first_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{
return(group.y * groups.x + group.x)* size * each + local;
}
struct Params{n:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> x:array<u32>;
@group(0)@binding(2)var<storage,read_write> y:array<u32>;
fn bf16_to(h:u32)-> u32{
return select(h << 16,0x7fc00000,(h & 0x7fff)> 0x7f80);
}
@compute @workgroup_size(size)
fn bf16_to_f32(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
var i = first_of(local,group,groups);
for(var e = 0u;e < each;e++){
if(i >= p.n){
return;
}
y[i]= bf16_to((x[i / 2]>>(16 *(i & 1)))& 0xffff);
i += size;
}
}
"#,
};

/// f32_to_f16: n numbers to binary16.
///
/// **Shapes**: n; x\[n\] f32, y\[ceil(n / 2)\] words of two binary16, the first in the lower half; the upper half is 0 where n ends.
///
/// **Order**: the nearest binary16, to even in a tie, subnormals too, Inf from 65520 on; every NaN gives 0x7e00. In integers.
///
/// **Error**: 2^-11 of the number between 2^-14 and 65504, 2^-25 below.
///
/// **Grid**: ceil(ceil(n / 2) / (size \* each)) workgroups, folded into rows of 65,535 in y.
pub static F32_TO_F16: Op = Op {
    name: "f32_to_f16",
    params: &[
        Param { name: "n", float: false },
    ],
    bindings: &[
        Binding { name: "x", elem: "u32", writable: false },
        Binding { name: "y", elem: "u32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "each", default: 1_f64 },
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, t| [
        min(ceil(ceil(u64::from(p[0]), 2_u64), u64::from(t[1]).saturating_mul(u64::from(t[0]))), 65535_u64),
        max(ceil(ceil(ceil(u64::from(p[0]), 2_u64), u64::from(t[1]).saturating_mul(u64::from(t[0]))), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"override size:u32 = 64;
override each:u32 = 1;
fn first_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{
return(group.y * groups.x + group.x)* size * each + local;
}
fn half_from(bits:u32)-> u32{
let sign =(bits >> 16)& 0x8000;
let a = bits & 0x7fffffff;
if(a > 0x7f800000){
return 0x7e00;
}
if(a >= 0x477ff000){
return sign | 0x7c00;
}
if(a >= 0x38800000){
let r = a - 0x38000000;
return sign |((r + 0xfff +((r >> 13)& 1))>> 13);
}
if(a < 0x33000000){
return sign;
}
let m =(a & 0x7fffff)| 0x800000;
let shift = 126 -(a >> 23);
let rest = m &((1u << shift)- 1);
let half = 1u <<(shift - 1);
var q = m >> shift;
if(rest > half ||(rest == half &&(q & 1)!= 0)){
q++;
}
return sign | q;
}
fn half_to(h:u32)-> u32{
let sign =(h & 0x8000)<< 16;
let e =(h >> 10)& 31;
let m = h & 0x3ff;
if(e == 31){
return select(sign | 0x7f800000,0x7fc00000,m != 0);
}
if(e != 0){
return sign |((e + 112)<< 23)|(m << 13);
}
if(m == 0){
return sign;
}
let zeros = countLeadingZeros(m);
return sign |((134 - zeros)<< 23)|((m <<(zeros - 8))& 0x7fffff);
}
struct Params{n:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> x:array<u32>;
@group(0)@binding(2)var<storage,read_write> y:array<u32>;
@compute @workgroup_size(size)
fn f32_to_f16(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
var i = first_of(local,group,groups);
for(var e = 0u;e < each;e++){
if(i >=(p.n + 1)/ 2){
return;
}
var w = half_from(x[2 * i]);
if(2 * i + 1 < p.n){
w |= half_from(x[2 * i + 1])<< 16;
}
y[i]= w;
i += size;
}
}
"#,
};

/// f16_to_f32: n binary16 numbers to f32.
///
/// **Shapes**: n; x\[ceil(n / 2)\] words of two binary16, the first in the lower half, y\[n\] f32.
///
/// **Order**: the same number; every NaN gives 0x7fc00000. In integers.
///
/// **Error**: none.
///
/// **Grid**: ceil(n / (size \* each)) workgroups, folded into rows of 65,535 in y.
pub static F16_TO_F32: Op = Op {
    name: "f16_to_f32",
    params: &[
        Param { name: "n", float: false },
    ],
    bindings: &[
        Binding { name: "x", elem: "u32", writable: false },
        Binding { name: "y", elem: "u32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "each", default: 1_f64 },
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, t| [
        min(ceil(u64::from(p[0]), u64::from(t[1]).saturating_mul(u64::from(t[0]))), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[1]).saturating_mul(u64::from(t[0]))), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"override size:u32 = 64;
override each:u32 = 1;
fn first_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{
return(group.y * groups.x + group.x)* size * each + local;
}
fn half_from(bits:u32)-> u32{
let sign =(bits >> 16)& 0x8000;
let a = bits & 0x7fffffff;
if(a > 0x7f800000){
return 0x7e00;
}
if(a >= 0x477ff000){
return sign | 0x7c00;
}
if(a >= 0x38800000){
let r = a - 0x38000000;
return sign |((r + 0xfff +((r >> 13)& 1))>> 13);
}
if(a < 0x33000000){
return sign;
}
let m =(a & 0x7fffff)| 0x800000;
let shift = 126 -(a >> 23);
let rest = m &((1u << shift)- 1);
let half = 1u <<(shift - 1);
var q = m >> shift;
if(rest > half ||(rest == half &&(q & 1)!= 0)){
q++;
}
return sign | q;
}
fn half_to(h:u32)-> u32{
let sign =(h & 0x8000)<< 16;
let e =(h >> 10)& 31;
let m = h & 0x3ff;
if(e == 31){
return select(sign | 0x7f800000,0x7fc00000,m != 0);
}
if(e != 0){
return sign |((e + 112)<< 23)|(m << 13);
}
if(m == 0){
return sign;
}
let zeros = countLeadingZeros(m);
return sign |((134 - zeros)<< 23)|((m <<(zeros - 8))& 0x7fffff);
}
struct Params{n:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> x:array<u32>;
@group(0)@binding(2)var<storage,read_write> y:array<u32>;
@compute @workgroup_size(size)
fn f16_to_f32(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
var i = first_of(local,group,groups);
for(var e = 0u;e < each;e++){
if(i >= p.n){
return;
}
y[i]= half_to((x[i / 2]>>(16 *(i & 1)))& 0xffff);
i += size;
}
}
"#,
};

/// quantise_q8: n numbers to bytes, in blocks of 32 with a scale each.
///
/// **Shapes**: n; x\[n\] f32, quants\[ceil(n / 32)\]\[8\] words, scales\[ceil(n / 64)\] words. Element 4w + i of a block is byte i, the lowest
/// first, of its word w, in two's complement; it stands for that integer times the scale. Scales are binary16: that of block b is
/// the lower half of word b/2 where b is even, the upper half where it is odd. (Q8_0 of GGML has the same 34 bytes in another order.)
///
/// **Order**: d = the greatest magnitude of the block / 127, rounded to f32, then to binary16; r = 1 / d, 0 for d = 0; the integer is
/// x \* r, rounded, rounded to even, between -127 and 127. Where d is infinite or a NaN it becomes the NaN 0x7e00, and the integers 0.
/// Elements from n on count as 0, and scales past the last block are 0.
///
/// **Error**: 0.501 d + 2^-18.
///
/// **Grid**: ceil(ceil(n / 64) / (size \* each)) workgroups, folded into rows of 65,535 in y.
pub static QUANTISE_Q8: Op = Op {
    name: "quantise_q8",
    params: &[
        Param { name: "n", float: false },
    ],
    bindings: &[
        Binding { name: "x", elem: "f32", writable: false },
        Binding { name: "quants", elem: "u32", writable: true },
        Binding { name: "scales", elem: "u32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "each", default: 1_f64 },
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, t| [
        min(ceil(ceil(u64::from(p[0]), 64_u64), u64::from(t[1]).saturating_mul(u64::from(t[0]))), 65535_u64),
        max(ceil(ceil(ceil(u64::from(p[0]), 64_u64), u64::from(t[1]).saturating_mul(u64::from(t[0]))), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"override size:u32 = 64;
override each:u32 = 1;
fn first_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{
return(group.y * groups.x + group.x)* size * each + local;
}
fn half_from(bits:u32)-> u32{
let sign =(bits >> 16)& 0x8000;
let a = bits & 0x7fffffff;
if(a > 0x7f800000){
return 0x7e00;
}
if(a >= 0x477ff000){
return sign | 0x7c00;
}
if(a >= 0x38800000){
let r = a - 0x38000000;
return sign |((r + 0xfff +((r >> 13)& 1))>> 13);
}
if(a < 0x33000000){
return sign;
}
let m =(a & 0x7fffff)| 0x800000;
let shift = 126 -(a >> 23);
let rest = m &((1u << shift)- 1);
let half = 1u <<(shift - 1);
var q = m >> shift;
if(rest > half ||(rest == half &&(q & 1)!= 0)){
q++;
}
return sign | q;
}
fn half_to(h:u32)-> u32{
let sign =(h & 0x8000)<< 16;
let e =(h >> 10)& 31;
let m = h & 0x3ff;
if(e == 31){
return select(sign | 0x7f800000,0x7fc00000,m != 0);
}
if(e != 0){
return sign |((e + 112)<< 23)|(m << 13);
}
if(m == 0){
return sign;
}
let zeros = countLeadingZeros(m);
return sign |((134 - zeros)<< 23)|((m <<(zeros - 8))& 0x7fffff);
}
fn inverse(d:f32)-> f32{
return select(1.0 / d,0.0,d == 0.0);
}
fn steps(x:f32,i:f32,low:i32,high:i32)-> i32{
return clamp(i32(round(x * i)),low,high);
}
struct Params{n:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> x:array<f32>;
@group(0)@binding(2)var<storage,read_write> quants:array<u32>;
@group(0)@binding(3)var<storage,read_write> scales:array<u32>;
fn number_at(i:u32)-> f32{
if(i < p.n){
return x[i];
}
return 0.0;
}
fn quantise(b:u32)-> u32{
if(32 * b >= p.n){
return 0;
}
var most = 0u;
for(var i = 0u;i < 32;i++){
most = max(most,bitcast<u32>(number_at(32 * b + i))& 0x7fffffff);
}
let scale = half_from(bitcast<u32>(bitcast<f32>(most)/ 127.0));
let broken = scale >= 0x7c00;
let r = inverse(bitcast<f32>(half_to(scale)));
for(var w = 0u;w < 8;w++){
var word = 0u;
for(var i = 0u;i < 4;i++){
word |=(bitcast<u32>(steps(number_at(32 * b + 4 * w + i),r,-127,127))& 255)<<(8 * i);
}
quants[8 * b + w]= select(word,0,broken);
}
return select(scale,0x7e00,broken);
}
@compute @workgroup_size(size)
fn quantise_q8(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
var i = first_of(local,group,groups);
for(var e = 0u;e < each;e++){
if(i >=(p.n + 63)/ 64){
return;
}
let low = quantise(2 * i);
scales[i]= low |(quantise(2 * i + 1)<< 16);
i += size;
}
}
"#,
};

/// quantise_q4: n numbers to 4 bits, in blocks of 32 with a scale each.
///
/// **Shapes**: n; x\[n\] f32, quants\[ceil(n / 32)\]\[4\] words, scales\[ceil(n / 64)\] words. Byte j of a block, the lowest of its first word
/// first, has element j in its lower four bits and element 16 + j in its upper; q stands for q - 8 times the scale. Scales are as in
/// quantise_q8. (Q4_0 of GGML has the same 18 bytes in another order.)
///
/// **Order**: d = m / -8 with m the element of greatest magnitude, the first of several, rounded to f32, then to binary16; r = 1 / d, 0
/// for d = 0; q is 8 + (x \* r, rounded, rounded to even), between 0 and 15. Where d is infinite or a NaN it becomes the NaN 0x7e00, and
/// each q 8. Elements from n on count as 0, and scales past the last block are 0.
///
/// **Error**: 1.01 \|d\| + 2^-22.
///
/// **Grid**: ceil(ceil(n / 64) / (size \* each)) workgroups, folded into rows of 65,535 in y.
pub static QUANTISE_Q4: Op = Op {
    name: "quantise_q4",
    params: &[
        Param { name: "n", float: false },
    ],
    bindings: &[
        Binding { name: "x", elem: "f32", writable: false },
        Binding { name: "quants", elem: "u32", writable: true },
        Binding { name: "scales", elem: "u32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "each", default: 1_f64 },
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, t| [
        min(ceil(ceil(u64::from(p[0]), 64_u64), u64::from(t[1]).saturating_mul(u64::from(t[0]))), 65535_u64),
        max(ceil(ceil(ceil(u64::from(p[0]), 64_u64), u64::from(t[1]).saturating_mul(u64::from(t[0]))), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"override size:u32 = 64;
override each:u32 = 1;
fn first_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{
return(group.y * groups.x + group.x)* size * each + local;
}
fn half_from(bits:u32)-> u32{
let sign =(bits >> 16)& 0x8000;
let a = bits & 0x7fffffff;
if(a > 0x7f800000){
return 0x7e00;
}
if(a >= 0x477ff000){
return sign | 0x7c00;
}
if(a >= 0x38800000){
let r = a - 0x38000000;
return sign |((r + 0xfff +((r >> 13)& 1))>> 13);
}
if(a < 0x33000000){
return sign;
}
let m =(a & 0x7fffff)| 0x800000;
let shift = 126 -(a >> 23);
let rest = m &((1u << shift)- 1);
let half = 1u <<(shift - 1);
var q = m >> shift;
if(rest > half ||(rest == half &&(q & 1)!= 0)){
q++;
}
return sign | q;
}
fn half_to(h:u32)-> u32{
let sign =(h & 0x8000)<< 16;
let e =(h >> 10)& 31;
let m = h & 0x3ff;
if(e == 31){
return select(sign | 0x7f800000,0x7fc00000,m != 0);
}
if(e != 0){
return sign |((e + 112)<< 23)|(m << 13);
}
if(m == 0){
return sign;
}
let zeros = countLeadingZeros(m);
return sign |((134 - zeros)<< 23)|((m <<(zeros - 8))& 0x7fffff);
}
fn inverse(d:f32)-> f32{
return select(1.0 / d,0.0,d == 0.0);
}
fn steps(x:f32,i:f32,low:i32,high:i32)-> i32{
return clamp(i32(round(x * i)),low,high);
}
struct Params{n:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> x:array<f32>;
@group(0)@binding(2)var<storage,read_write> quants:array<u32>;
@group(0)@binding(3)var<storage,read_write> scales:array<u32>;
fn number_at(i:u32)-> f32{
if(i < p.n){
return x[i];
}
return 0.0;
}
fn quantise(b:u32)-> u32{
if(32 * b >= p.n){
return 0;
}
var most = 0u;
for(var i = 0u;i < 32;i++){
let v = bitcast<u32>(number_at(32 * b + i));
if((v & 0x7fffffff)>(most & 0x7fffffff)){
most = v;
}
}
let scale = half_from(bitcast<u32>(bitcast<f32>(most)/ -8.0));
let broken =(scale & 0x7fff)>= 0x7c00;
let r = inverse(bitcast<f32>(half_to(scale)));
for(var w = 0u;w < 4;w++){
var word = 0u;
for(var i = 0u;i < 4;i++){
let j = 32 * b + 4 * w + i;
let low = steps(number_at(j),r,-8,7)+ 8;
let high = steps(number_at(j + 16),r,-8,7)+ 8;
word |= bitcast<u32>(low |(high << 4))<<(8 * i);
}
quants[4 * b + w]= select(word,0x88888888,broken);
}
return select(scale,0x7e00,broken);
}
@compute @workgroup_size(size)
fn quantise_q4(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
var i = first_of(local,group,groups);
for(var e = 0u;e < each;e++){
if(i >=(p.n + 63)/ 64){
return;
}
let low = quantise(2 * i);
scales[i]= low |(quantise(2 * i + 1)<< 16);
i += size;
}
}
"#,
};

/// dequantise_q8: n numbers from blocks of 32 bytes.
///
/// **Shapes**: n; quants\[ceil(n / 32)\]\[8\] words and scales\[ceil(n / 64)\] words as quantise_q8 writes them, y\[n\] f32.
///
/// **Order**: the integer times the scale: exact, since no scale has more than 11 bits.
///
/// **Error**: none.
///
/// **Grid**: ceil(n / (size \* each)) workgroups, folded into rows of 65,535 in y.
pub static DEQUANTISE_Q8: Op = Op {
    name: "dequantise_q8",
    params: &[
        Param { name: "n", float: false },
    ],
    bindings: &[
        Binding { name: "quants", elem: "u32", writable: false },
        Binding { name: "scales", elem: "u32", writable: false },
        Binding { name: "y", elem: "f32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "each", default: 1_f64 },
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, t| [
        min(ceil(u64::from(p[0]), u64::from(t[1]).saturating_mul(u64::from(t[0]))), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[1]).saturating_mul(u64::from(t[0]))), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"override size:u32 = 64;
override each:u32 = 1;
fn first_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{
return(group.y * groups.x + group.x)* size * each + local;
}
fn half_from(bits:u32)-> u32{
let sign =(bits >> 16)& 0x8000;
let a = bits & 0x7fffffff;
if(a > 0x7f800000){
return 0x7e00;
}
if(a >= 0x477ff000){
return sign | 0x7c00;
}
if(a >= 0x38800000){
let r = a - 0x38000000;
return sign |((r + 0xfff +((r >> 13)& 1))>> 13);
}
if(a < 0x33000000){
return sign;
}
let m =(a & 0x7fffff)| 0x800000;
let shift = 126 -(a >> 23);
let rest = m &((1u << shift)- 1);
let half = 1u <<(shift - 1);
var q = m >> shift;
if(rest > half ||(rest == half &&(q & 1)!= 0)){
q++;
}
return sign | q;
}
fn half_to(h:u32)-> u32{
let sign =(h & 0x8000)<< 16;
let e =(h >> 10)& 31;
let m = h & 0x3ff;
if(e == 31){
return select(sign | 0x7f800000,0x7fc00000,m != 0);
}
if(e != 0){
return sign |((e + 112)<< 23)|(m << 13);
}
if(m == 0){
return sign;
}
let zeros = countLeadingZeros(m);
return sign |((134 - zeros)<< 23)|((m <<(zeros - 8))& 0x7fffff);
}
fn scale_of(word:u32,b:u32)-> f32{
return bitcast<f32>(half_to((word >>(16 *(b & 1)))& 0xffff));
}
struct Params{n:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> quants:array<u32>;
@group(0)@binding(2)var<storage,read> scales:array<u32>;
@group(0)@binding(3)var<storage,read_write> y:array<f32>;
@compute @workgroup_size(size)
fn dequantise_q8(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
var i = first_of(local,group,groups);
for(var e = 0u;e < each;e++){
if(i >= p.n){
return;
}
let q = bitcast<i32>(quants[i / 4]<<(24 - 8 *(i & 3)))>> 24;
y[i]= f32(q)* scale_of(scales[i / 64],i / 32);
i += size;
}
}
"#,
};

/// dequantise_q4: n numbers from blocks of 32 numbers of 4 bits.
///
/// **Shapes**: n; quants\[ceil(n / 32)\]\[4\] words and scales\[ceil(n / 64)\] words as quantise_q4 writes them, y\[n\] f32.
///
/// **Order**: q - 8 times the scale: exact, since no scale has more than 11 bits.
///
/// **Error**: none.
///
/// **Grid**: ceil(n / (size \* each)) workgroups, folded into rows of 65,535 in y.
pub static DEQUANTISE_Q4: Op = Op {
    name: "dequantise_q4",
    params: &[
        Param { name: "n", float: false },
    ],
    bindings: &[
        Binding { name: "quants", elem: "u32", writable: false },
        Binding { name: "scales", elem: "u32", writable: false },
        Binding { name: "y", elem: "f32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "each", default: 1_f64 },
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, t| [
        min(ceil(u64::from(p[0]), u64::from(t[1]).saturating_mul(u64::from(t[0]))), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[1]).saturating_mul(u64::from(t[0]))), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"override size:u32 = 64;
override each:u32 = 1;
fn first_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{
return(group.y * groups.x + group.x)* size * each + local;
}
fn half_from(bits:u32)-> u32{
let sign =(bits >> 16)& 0x8000;
let a = bits & 0x7fffffff;
if(a > 0x7f800000){
return 0x7e00;
}
if(a >= 0x477ff000){
return sign | 0x7c00;
}
if(a >= 0x38800000){
let r = a - 0x38000000;
return sign |((r + 0xfff +((r >> 13)& 1))>> 13);
}
if(a < 0x33000000){
return sign;
}
let m =(a & 0x7fffff)| 0x800000;
let shift = 126 -(a >> 23);
let rest = m &((1u << shift)- 1);
let half = 1u <<(shift - 1);
var q = m >> shift;
if(rest > half ||(rest == half &&(q & 1)!= 0)){
q++;
}
return sign | q;
}
fn half_to(h:u32)-> u32{
let sign =(h & 0x8000)<< 16;
let e =(h >> 10)& 31;
let m = h & 0x3ff;
if(e == 31){
return select(sign | 0x7f800000,0x7fc00000,m != 0);
}
if(e != 0){
return sign |((e + 112)<< 23)|(m << 13);
}
if(m == 0){
return sign;
}
let zeros = countLeadingZeros(m);
return sign |((134 - zeros)<< 23)|((m <<(zeros - 8))& 0x7fffff);
}
fn scale_of(word:u32,b:u32)-> f32{
return bitcast<f32>(half_to((word >>(16 *(b & 1)))& 0xffff));
}
struct Params{n:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> quants:array<u32>;
@group(0)@binding(2)var<storage,read> scales:array<u32>;
@group(0)@binding(3)var<storage,read_write> y:array<f32>;
@compute @workgroup_size(size)
fn dequantise_q4(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
var i = first_of(local,group,groups);
for(var e = 0u;e < each;e++){
if(i >= p.n){
return;
}
let word = quants[i / 32 * 4 +(i & 15)/ 4];
let q = bitcast<i32>((word >>(8 *(i & 3)+((i & 16)/ 4)))& 15)- 8;
y[i]= f32(q)* scale_of(scales[i / 64],i / 32);
i += size;
}
}
"#,
};

/// quantise_rows: the rows of a matrix to bytes, with a scale each: by output channel for weights \[out, in\].
///
/// **Shapes**: rows, cols (a multiple of 4); x\[rows, cols\] f32, quants\[rows, cols\] int8, four in a word, the first in the lowest bits
/// (as matmul_i8 takes them), scales\[rows\] f32.
///
/// **Order**: d = the greatest magnitude of the row / 127; r = 1 / d, 0 for d = 0; the integer is x \* r, rounded, rounded to even, between
/// -127 and 127. Where a row has an Inf or a NaN its d is the NaN and its integers 0.
///
/// **Error**: 0.501 d + 2^-142.
///
/// **Grid**: rows, folded into y.
pub static QUANTISE_ROWS: Op = Op {
    name: "quantise_rows",
    params: &[
        Param { name: "rows", float: false },
        Param { name: "cols", float: false },
    ],
    bindings: &[
        Binding { name: "x", elem: "f32", writable: false },
        Binding { name: "quants", elem: "u32", writable: true },
        Binding { name: "scales", elem: "f32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, _| [
        min(u64::from(p[0]), 65535_u64),
        max(ceil(u64::from(p[0]), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"fn inverse(d:f32)-> f32{
return select(1.0 / d,0.0,d == 0.0);
}
fn steps(x:f32,i:f32,low:i32,high:i32)-> i32{
return clamp(i32(round(x * i)),low,high);
}
override size:u32 = 64;
struct Params{rows:u32,cols:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> x:array<f32>;
@group(0)@binding(2)var<storage,read_write> quants:array<u32>;
@group(0)@binding(3)var<storage,read_write> scales:array<f32>;
var<workgroup> part:array<u32,size>;
@compute @workgroup_size(size)
fn quantise_rows(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
let row = group.y * groups.x + group.x;
if(row >= p.rows){
return;
}
var most = 0u;
for(var c = local;c < p.cols;c += size){
most = max(most,bitcast<u32>(x[row * p.cols + c])& 0x7fffffff);
}
part[local]= most;
workgroupBarrier();
for(var i = 0u;i < size;i++){
most = max(most,part[i]);
}
let broken = most >= 0x7f800000;
let d = bitcast<f32>(select(bitcast<u32>(bitcast<f32>(most)/ 127.0),0x7fc00000,broken));
let r = inverse(d);
for(var w = local;w < p.cols / 4;w += size){
var word = 0u;
for(var i = 0u;i < 4;i++){
word |=(bitcast<u32>(steps(x[row * p.cols + 4 * w + i],r,-127,127))& 255)<<(8 * i);
}
quants[row *(p.cols / 4)+ w]= select(word,0,broken);
}
if(local == 0){
scales[row]= d;
}
}
"#,
};

/// dequantise_rows: a matrix from the bytes and scales of its rows.
///
/// **Shapes**: rows, cols (a multiple of 4); quants\[rows, cols\] int8, four in a word, the first in the lowest bits, scales\[rows\] f32,
/// y\[rows, cols\] f32.
///
/// **Order**: f32(integer) \* scale.
///
/// **Error**: 2^-24 of the result, or 2^-150.
///
/// **Grid**: x ceil(cols / size), y ceil(rows / tall), folded into z.
pub static DEQUANTISE_ROWS: Op = Op {
    name: "dequantise_rows",
    params: &[
        Param { name: "rows", float: false },
        Param { name: "cols", float: false },
    ],
    bindings: &[
        Binding { name: "quants", elem: "u32", writable: false },
        Binding { name: "scales", elem: "f32", writable: false },
        Binding { name: "y", elem: "f32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "size", default: 32_f64 },
        Override { name: "tall", default: 2_f64 },
    ],
    grid: |p, t| [
        ceil(u64::from(p[1]), u64::from(t[0])),
        min(ceil(u64::from(p[0]), u64::from(t[1])), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[1])), 65535_u64), 1_u64),
    ],
    source: r#"override size:u32 = 32;
override tall:u32 = 2;
fn row_of(local:vec3<u32>,group:vec3<u32>,groups:vec3<u32>)-> u32{
return(group.z * groups.y + group.y)* tall + local.y;
}
struct Params{rows:u32,cols:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> quants:array<u32>;
@group(0)@binding(2)var<storage,read> scales:array<f32>;
@group(0)@binding(3)var<storage,read_write> y:array<f32>;
@compute @workgroup_size(size,tall)
fn dequantise_rows(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
let row = row_of(local,group,groups);
let c = group.x * size + local.x;
if(row >= p.rows || c >= p.cols){
return;
}
let q = bitcast<i32>(quants[row *(p.cols / 4)+ c / 4]<<(24 - 8 *(c & 3)))>> 24;
y[row * p.cols + c]= f32(q)* scales[row];
}
"#,
};

/// dequantise_product: numbers from the product of two matrices of bytes (matmul_i8) and the scales of its factors.
///
/// **Shapes**: rows, cols; c\[rows, cols\] i32, a\[rows\] and b\[cols\] f32, the scales of the left factor's rows and of the right one's
/// columns, y\[rows, cols\] f32.
///
/// **Order**: f32(c\[i, j\]) \* (a\[i\] \* b\[j\]); the conversion and both products rounded.
///
/// **Error**: 2^-22 of the result, or 2^-117 \|c\|.
///
/// **Grid**: x ceil(cols / size), y ceil(rows / tall), folded into z.
pub static DEQUANTISE_PRODUCT: Op = Op {
    name: "dequantise_product",
    params: &[
        Param { name: "rows", float: false },
        Param { name: "cols", float: false },
    ],
    bindings: &[
        Binding { name: "c", elem: "i32", writable: false },
        Binding { name: "a", elem: "f32", writable: false },
        Binding { name: "b", elem: "f32", writable: false },
        Binding { name: "y", elem: "f32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "size", default: 32_f64 },
        Override { name: "tall", default: 2_f64 },
    ],
    grid: |p, t| [
        ceil(u64::from(p[1]), u64::from(t[0])),
        min(ceil(u64::from(p[0]), u64::from(t[1])), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[1])), 65535_u64), 1_u64),
    ],
    source: r#"override size:u32 = 32;
override tall:u32 = 2;
fn row_of(local:vec3<u32>,group:vec3<u32>,groups:vec3<u32>)-> u32{
return(group.z * groups.y + group.y)* tall + local.y;
}
struct Params{rows:u32,cols:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> c:array<i32>;
@group(0)@binding(2)var<storage,read> a:array<f32>;
@group(0)@binding(3)var<storage,read> b:array<f32>;
@group(0)@binding(4)var<storage,read_write> y:array<f32>;
@compute @workgroup_size(size,tall)
fn dequantise_product(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
let i = row_of(local,group,groups);
let j = group.x * size + local.x;
if(i >= p.rows || j >= p.cols){
return;
}
y[i * p.cols + j]= f32(c[i * p.cols + j])*(a[i]* b[j]);
}
"#,
};

/// straight_through: the gradient of quantising and dequantising, taken as the identity inside the range and 0 outside.
///
/// **Shapes**: n, low, high; x\[n\], what was quantised, dy\[n\], dx\[n\] f32.
///
/// **Order**: dx is dy where low \<= x \<= high, bit for bit, and +0 elsewhere, where x is a NaN too.
///
/// **Error**: none.
///
/// **Grid**: ceil(n / (size \* each)) workgroups, folded into rows of 65,535 in y.
pub static STRAIGHT_THROUGH: Op = Op {
    name: "straight_through",
    params: &[
        Param { name: "n", float: false },
        Param { name: "low", float: true },
        Param { name: "high", float: true },
    ],
    bindings: &[
        Binding { name: "x", elem: "f32", writable: false },
        Binding { name: "dy", elem: "u32", writable: false },
        Binding { name: "dx", elem: "u32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "each", default: 1_f64 },
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, t| [
        min(ceil(u64::from(p[0]), u64::from(t[1]).saturating_mul(u64::from(t[0]))), 65535_u64),
        max(ceil(ceil(u64::from(p[0]), u64::from(t[1]).saturating_mul(u64::from(t[0]))), 65535_u64), 1_u64),
        1_u64,
    ],
    source: r#"override size:u32 = 64;
override each:u32 = 1;
fn first_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{
return(group.y * groups.x + group.x)* size * each + local;
}
struct Params{n:u32,low:f32,high:f32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> x:array<f32>;
@group(0)@binding(2)var<storage,read> dy:array<u32>;
@group(0)@binding(3)var<storage,read_write> dx:array<u32>;
@compute @workgroup_size(size)
fn straight_through(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
var i = first_of(local,group,groups);
for(var e = 0u;e < each;e++){
if(i >= p.n){
return;
}
let v = x[i];
dx[i]= select(0,dy[i],v >= p.low && v <= p.high);
i += size;
}
}
"#,
};

/// matvec_q8: products of a matrix of weights in blocks of 32 bytes with vectors in blocks of bytes.
///
/// **Shapes**: rows, blocks in a row, vectors; weights\[rows\]\[blocks\]\[8\] words and weight_scales\[rows\]\[blocks\], two in a word, as
/// quantise_q8 writes them, x\[vectors\]\[blocks\]\[8\] words and x_scales\[vectors\]\[blocks\], two in a word, as quantise_q8 does,
/// y\[vectors\]\[rows\] f32. Block b of row r has the scale r blocks + b, so a row may begin in the middle of a word of scales.
///
/// **Order**: the integers of a block are multiplied and summed exactly; term = f32(that) \* (scale of the weights \* scale of x), where the
/// product of the scales is exact. part = +0; part = part + term over 8 blocks, 256 weights, in order; y = +0; y = y + part.
///
/// **Error**: (min(blocks, 8) + ceil(blocks / 8) + 1) 2^-24 times the sum of the terms' magnitudes.
///
/// **Grid**: x ceil(rows / (size / lanes)), folded into z, y vectors.
pub static MATVEC_Q8: Op = Op {
    name: "matvec_q8",
    params: &[
        Param { name: "rows", float: false },
        Param { name: "blocks", float: false },
        Param { name: "vectors", float: false },
    ],
    bindings: &[
        Binding { name: "weights", elem: "u32", writable: false },
        Binding { name: "weight_scales", elem: "u32", writable: false },
        Binding { name: "x", elem: "u32", writable: false },
        Binding { name: "x_scales", elem: "u32", writable: false },
        Binding { name: "y", elem: "f32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "lanes", default: 1_f64 },
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, t| [
        min(ceil(u64::from(p[0]), div(u64::from(t[1]), u64::from(t[0]))), 65535_u64),
        u64::from(p[2]),
        max(ceil(ceil(u64::from(p[0]), div(u64::from(t[1]), u64::from(t[0]))), 65535_u64), 1_u64),
    ],
    source: r#"fn half_from(bits:u32)-> u32{
let sign =(bits >> 16)& 0x8000;
let a = bits & 0x7fffffff;
if(a > 0x7f800000){
return 0x7e00;
}
if(a >= 0x477ff000){
return sign | 0x7c00;
}
if(a >= 0x38800000){
let r = a - 0x38000000;
return sign |((r + 0xfff +((r >> 13)& 1))>> 13);
}
if(a < 0x33000000){
return sign;
}
let m =(a & 0x7fffff)| 0x800000;
let shift = 126 -(a >> 23);
let rest = m &((1u << shift)- 1);
let half = 1u <<(shift - 1);
var q = m >> shift;
if(rest > half ||(rest == half &&(q & 1)!= 0)){
q++;
}
return sign | q;
}
fn half_to(h:u32)-> u32{
let sign =(h & 0x8000)<< 16;
let e =(h >> 10)& 31;
let m = h & 0x3ff;
if(e == 31){
return select(sign | 0x7f800000,0x7fc00000,m != 0);
}
if(e != 0){
return sign |((e + 112)<< 23)|(m << 13);
}
if(m == 0){
return sign;
}
let zeros = countLeadingZeros(m);
return sign |((134 - zeros)<< 23)|((m <<(zeros - 8))& 0x7fffff);
}
fn scale_of(word:u32,b:u32)-> f32{
return bitcast<f32>(half_to((word >>(16 *(b & 1)))& 0xffff));
}
override size:u32 = 64;
override lanes:u32 = 1;
struct Params{rows:u32,blocks:u32,vectors:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> weights:array<u32>;
@group(0)@binding(2)var<storage,read> weight_scales:array<u32>;
@group(0)@binding(3)var<storage,read> x:array<u32>;
@group(0)@binding(4)var<storage,read> x_scales:array<u32>;
@group(0)@binding(5)var<storage,read_write> y:array<f32>;
const part_blocks = 8u;
var<workgroup> parts:array<f32,size>;
fn part_of(row:u32,vector:u32,part:u32)-> f32{
var sum = 0.0;
if(row < p.rows){
let end = min(part * part_blocks + part_blocks,p.blocks);
for(var b = part * part_blocks;b < end;b++){
let w = row * p.blocks + b;
let v = vector * p.blocks + b;
sum += f32(dot_of(w,v))*(scale_of(weight_scales[w / 2],w)* scale_of(x_scales[v / 2],v));
}
}
return sum;
}
fn multiply(local:u32,group:vec3<u32>,groups:vec3<u32>){
let row =(group.x + groups.x * group.z)*(size / lanes)+ local / lanes;
let all =(p.blocks + part_blocks - 1)/ part_blocks;
var sum = 0.0;
for(var first = 0u;first < all;first += lanes){
let part = part_of(row,group.y,first + local % lanes);
if(lanes == 1){
sum += part;
}else{
parts[local]= part;
workgroupBarrier();
if(local % lanes == 0){
for(var i = 0u;i < min(lanes,all - first);i++){
sum += parts[local + i];
}
}
workgroupBarrier();
}
}
if(local % lanes == 0 && row < p.rows){
y[group.y * p.rows + row]= sum;
}
}
fn dot_of(w:u32,v:u32)-> i32{
var sum = 0i;
for(var i = 0u;i < 8;i++){
sum += dot4I8Packed(weights[8 * w + i],x[8 * v + i]);
}
return sum;
}
@compute @workgroup_size(size)
fn matvec_q8(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
multiply(local,group,groups);
}
"#,
};

/// matvec_q4: products of a matrix of weights in blocks of 32 numbers of 4 bits with vectors in blocks of bytes.
///
/// **Shapes**: rows, blocks in a row, vectors; weights\[rows\]\[blocks\]\[4\] words and weight_scales\[rows\]\[blocks\], two in a word, as
/// quantise_q4 writes them, x\[vectors\]\[blocks\]\[8\] words and x_scales\[vectors\]\[blocks\], two in a word, as quantise_q8 does,
/// y\[vectors\]\[rows\] f32. Block b of row r has the scale r blocks + b, so a row may begin in the middle of a word of scales.
///
/// **Order**: the integers of a block are multiplied and summed exactly; term = f32(that) \* (scale of the weights \* scale of x), where the
/// product of the scales is exact. part = +0; part = part + term over 8 blocks, 256 weights, in order; y = +0; y = y + part.
///
/// **Error**: (min(blocks, 8) + ceil(blocks / 8) + 1) 2^-24 times the sum of the terms' magnitudes.
///
/// **Grid**: x ceil(rows / (size / lanes)), folded into z, y vectors.
pub static MATVEC_Q4: Op = Op {
    name: "matvec_q4",
    params: &[
        Param { name: "rows", float: false },
        Param { name: "blocks", float: false },
        Param { name: "vectors", float: false },
    ],
    bindings: &[
        Binding { name: "weights", elem: "u32", writable: false },
        Binding { name: "weight_scales", elem: "u32", writable: false },
        Binding { name: "x", elem: "u32", writable: false },
        Binding { name: "x_scales", elem: "u32", writable: false },
        Binding { name: "y", elem: "f32", writable: true },
    ],
    overrides: &[],
    tile: &[
        Override { name: "lanes", default: 1_f64 },
        Override { name: "size", default: 64_f64 },
    ],
    grid: |p, t| [
        min(ceil(u64::from(p[0]), div(u64::from(t[1]), u64::from(t[0]))), 65535_u64),
        u64::from(p[2]),
        max(ceil(ceil(u64::from(p[0]), div(u64::from(t[1]), u64::from(t[0]))), 65535_u64), 1_u64),
    ],
    source: r#"fn half_from(bits:u32)-> u32{
let sign =(bits >> 16)& 0x8000;
let a = bits & 0x7fffffff;
if(a > 0x7f800000){
return 0x7e00;
}
if(a >= 0x477ff000){
return sign | 0x7c00;
}
if(a >= 0x38800000){
let r = a - 0x38000000;
return sign |((r + 0xfff +((r >> 13)& 1))>> 13);
}
if(a < 0x33000000){
return sign;
}
let m =(a & 0x7fffff)| 0x800000;
let shift = 126 -(a >> 23);
let rest = m &((1u << shift)- 1);
let half = 1u <<(shift - 1);
var q = m >> shift;
if(rest > half ||(rest == half &&(q & 1)!= 0)){
q++;
}
return sign | q;
}
fn half_to(h:u32)-> u32{
let sign =(h & 0x8000)<< 16;
let e =(h >> 10)& 31;
let m = h & 0x3ff;
if(e == 31){
return select(sign | 0x7f800000,0x7fc00000,m != 0);
}
if(e != 0){
return sign |((e + 112)<< 23)|(m << 13);
}
if(m == 0){
return sign;
}
let zeros = countLeadingZeros(m);
return sign |((134 - zeros)<< 23)|((m <<(zeros - 8))& 0x7fffff);
}
fn scale_of(word:u32,b:u32)-> f32{
return bitcast<f32>(half_to((word >>(16 *(b & 1)))& 0xffff));
}
override size:u32 = 64;
override lanes:u32 = 1;
struct Params{rows:u32,blocks:u32,vectors:u32}
@group(0)@binding(0)var<uniform> p:Params;
@group(0)@binding(1)var<storage,read> weights:array<u32>;
@group(0)@binding(2)var<storage,read> weight_scales:array<u32>;
@group(0)@binding(3)var<storage,read> x:array<u32>;
@group(0)@binding(4)var<storage,read> x_scales:array<u32>;
@group(0)@binding(5)var<storage,read_write> y:array<f32>;
const part_blocks = 8u;
var<workgroup> parts:array<f32,size>;
fn part_of(row:u32,vector:u32,part:u32)-> f32{
var sum = 0.0;
if(row < p.rows){
let end = min(part * part_blocks + part_blocks,p.blocks);
for(var b = part * part_blocks;b < end;b++){
let w = row * p.blocks + b;
let v = vector * p.blocks + b;
sum += f32(dot_of(w,v))*(scale_of(weight_scales[w / 2],w)* scale_of(x_scales[v / 2],v));
}
}
return sum;
}
fn multiply(local:u32,group:vec3<u32>,groups:vec3<u32>){
let row =(group.x + groups.x * group.z)*(size / lanes)+ local / lanes;
let all =(p.blocks + part_blocks - 1)/ part_blocks;
var sum = 0.0;
for(var first = 0u;first < all;first += lanes){
let part = part_of(row,group.y,first + local % lanes);
if(lanes == 1){
sum += part;
}else{
parts[local]= part;
workgroupBarrier();
if(local % lanes == 0){
for(var i = 0u;i < min(lanes,all - first);i++){
sum += parts[local + i];
}
}
workgroupBarrier();
}
}
if(local % lanes == 0 && row < p.rows){
y[group.y * p.rows + row]= sum;
}
}
fn dot_of(w:u32,v:u32)-> i32{
var sum = 0i;
for(var i = 0u;i < 4;i++){
let word = weights[4 * w + i];
let low = x[8 * v + i];
let high = x[8 * v + 4 + i];
sum += dot4I8Packed(word & 0x0f0f0f0f,low)+ dot4I8Packed((word >> 4)& 0x0f0f0f0f,high);
sum -= 8 *(dot4I8Packed(0x01010101,low)+ dot4I8Packed(0x01010101,high));
}
return sum;
}
@compute @workgroup_size(size)
fn matvec_q4(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,
@builtin(num_workgroups)groups:vec3<u32>){
multiply(local,group,groups);
}
"#,
};
