/* The kernel library. Written by sdk/gen from kernels/lib: do not edit. */
#include "gwlib.h"

static uint64_t ceil_of(uint64_t a, uint64_t b) {
    return a / b + (a % b != 0);
}

static uint64_t min_of(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

static uint64_t max_of(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

static const char matmul_f32_source[] =
    "fn domain(x:f32)-> f32{\n"
    "return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);\n"
    "}\n"
    "fn domain_bf16(bits:u32)-> f32{\n"
    "return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);\n"
    "}\n"
    "fn activation_relu(x:f32)-> f32{\n"
    "return select(0.0,x,x > 0.0);\n"
    "}\n"
    "struct Gate{e:f32,r:f32}\n"
    "fn activation_gate(t:u32,far:bool)-> Gate{\n"
    "let g = f32(i32(t & 0x7fffff)- 0x400000);\n"
    "let q = 0x1.5be054p-49 + g *(-0x1.418820p-74 + g *(0x1.c0921ap-100 + g * -0x1.eca6f0p-126));\n"
    "let p = 0x1.6a09e8p-1 + g *(-0x1.f5e45ap-25 + g * q);\n"
    "let e = select(p * bitcast<f32>(0x3f800000 -(t & 0x1f800000)),0.0,far);\n"
    "let bits = clamp(bitcast<u32>(1.0 + e),0x3f800000,0x40000000);\n"
    "let d = bitcast<f32>(bits);\n"
    "let r0 = bitcast<f32>(0x7ef31000 - bits);\n"
    "let r1 = r0 *(2.0 - d * r0);\n"
    "let r2 = r1 *(2.0 - d * r1);\n"
    "let r3 = r2 + r2 *(1.0 - d * r2);\n"
    "return Gate(e,bitcast<f32>(clamp(bitcast<u32>(r3),0x3f000000,0x3f800000)));\n"
    "}\n"
    "fn gated(g:Gate,x:f32)-> f32{\n"
    "return select(g.r,g.e * g.r,bitcast<u32>(x)>= 0x80000000);\n"
    "}\n"
    "fn sigmoid_gate(x:f32)-> Gate{\n"
    "let size = bitcast<u32>(x)& 0x7fffffff;\n"
    "let m = u32(i32(bitcast<f32>(clamp(size,0x32800000,0x42313333))* 0x1p24));\n"
    "let high = m >> 15;\n"
    "let t = high * 23637 +((high * 7573 +(m & 0x7fff)* 47274 + 0x8000)>> 16);\n"
    "return activation_gate(t,size >= 0x42313333);\n"
    "}\n"
    "fn gelu_gate(x:f32)-> Gate{\n"
    "let size = bitcast<u32>(x)& 0x7fffffff;\n"
    "let a = bitcast<f32>(clamp(size,0x32800000,0x40f40000));\n"
    "return activation_gate(u32(i32(a *(19312322.0 + 863550.5 *(a * a)))),size >= 0x40f40000);\n"
    "}\n"
    "fn is_nan(x:f32)-> bool{\n"
    "return(bitcast<u32>(x)& 0x7fffffff)> 0x7f800000;\n"
    "}\n"
    "fn activation_sigmoid(x:f32)-> f32{\n"
    "return select(gated(sigmoid_gate(x),x),x + 1.0,is_nan(x));\n"
    "}\n"
    "fn activation_silu(x:f32)-> f32{\n"
    "return domain(x)* gated(sigmoid_gate(x),x);\n"
    "}\n"
    "fn activation_gelu(x:f32)-> f32{\n"
    "return domain(x)* gated(gelu_gate(x),x);\n"
    "}\n"
    "fn activation_tanh(x:f32)-> f32{\n"
    "return tanh(x);\n"
    "}\n"
    "override activation:u32 = 0;\n"
    "fn activated(x:f32)-> f32{\n"
    "switch(activation){\n"
    "case 1:{return activation_relu(x);}\n"
    "case 2:{return activation_gelu(x);}\n"
    "case 3:{return activation_silu(x);}\n"
    "case 4:{return activation_tanh(x);}\n"
    "case 5:{return activation_sigmoid(x);}\n"
    "default:{return x;}\n"
    "}\n"
    "}\n"
    "override transpose_a:bool = false;\n"
    "override transpose_b:bool = false;\n"
    "override x:u32 = 16;\n"
    "override y:u32 = 4;\n"
    "override rows:u32 = 4;\n"
    "override cols:u32 = 4;\n"
    "override depth:u32 = 0;\n"
    "override high:u32 = y * rows;\n"
    "override wide:u32 = x * cols;\n"
    "override fits:u32 = 1 / u32(rows <= 8 && cols <= 4 && high % per == 0 && wide % per == 0 && 256 % max(depth,1)== 0 && depth % per == 0);\n"
    "const block_terms = 256u;\n"
    "var<workgroup> part_a:array<term,fits * high * max(depth,1)>;\n"
    "var<workgroup> part_b:array<term,fits * wide * max(depth,1)>;\n"
    "override a_words:u32 = max(depth / per,1);\n"
    "override b_words:u32 = wide / per;\n"
    "fn column_word(at:u32,n:u32)-> u32{\n"
    "return select((at + n * x)% b_words,at + n * x % b_words,b_words % x == 0);\n"
    "}\n"
    "fn column_term(at:u32,n:u32)-> u32{\n"
    "return select((at + n * x)/ b_words,n * x / b_words,b_words % x == 0);\n"
    "}\n"
    "fn column(at:u32,n:u32)-> u32{\n"
    "return column_word(at,n)* per + column_term(at,n);\n"
    "}\n"
    "fn across(n:u32)-> u32{\n"
    "return(n + per - 1)/ per;\n"
    "}\n"
    "fn a_term(z:u32,i:u32,word:u32,e:u32)-> term{\n"
    "if(transpose_a){\n"
    "return term_of(a[z * p.a_step +(word * per + e)* across(p.m)+ i / per],i % per);\n"
    "}\n"
    "return term_of(a[z * p.a_step + i * across(p.k)+ word],e);\n"
    "}\n"
    "fn b_term(z:u32,word:u32,e:u32,left:u32,at:u32,n:u32)-> term{\n"
    "if(transpose_b){\n"
    "return term_of(b[z * p.b_step +(left + column(at,n))* across(p.k)+ word],e);\n"
    "}\n"
    "return term_of(b[z * p.b_step +(word * per + e)* across(p.n)+ left / per + column_word(at,n)],column_term(at,n));\n"
    "}\n"
    "fn put_a(group:vec3<u32>,k:u32,outer:u32,word:u32,e:u32,v:term){\n"
    "let inner = word * per + e;\n"
    "let i = select(outer,inner,transpose_a);\n"
    "let j = select(inner,outer,transpose_a);\n"
    "let at = i * depth + select(e * a_words + word,outer % per * a_words + outer / per,transpose_a);\n"
    "part_a[at]= select(term(),v,group.y * high + i < p.m && k + j < p.k);\n"
    "}\n"
    "fn put_b(group:vec3<u32>,k:u32,outer:u32,word:u32,e:u32,v:term){\n"
    "let inner = word * per + e;\n"
    "let i = select(outer,inner,transpose_b);\n"
    "let j = select(inner,outer,transpose_b);\n"
    "let at = i * wide + select(e * b_words + word,outer % per * b_words + outer / per,transpose_b);\n"
    "part_b[at]= select(term(),v,k + i < p.k && group.x * wide + j < p.n);\n"
    "}\n"
    "override a_outer:u32 = select(high,depth,transpose_a);\n"
    "override a_inner:u32 = max(select(depth,high,transpose_a)/ per,1);\n"
    "override b_outer:u32 = select(depth,wide,transpose_b);\n"
    "override b_inner:u32 = max(select(wide,depth,transpose_b)/ per,1);\n"
    "override a_along:u32 = min(a_inner,x * y);\n"
    "override b_along:u32 = min(b_inner,x * y);\n"
    "fn stage(index:u32,group:vec3<u32>,k:u32){\n"
    "let a_start = group.z * p.a_step + select(k,group.y * high,transpose_a)/ per;\n"
    "let a_row = select(group.y * high,k,transpose_a);\n"
    "for(var r = 0u;r < a_outer;r += x * y / a_along){\n"
    "for(var w = 0u;w < a_inner;w += a_along){\n"
    "let outer = r + index / a_along;\n"
    "let inner = w + index % a_along;\n"
    "if(index / a_along < x * y / a_along && outer < a_outer && inner < a_inner){\n"
    "let word = a[a_start +(a_row + outer)* across(select(p.k,p.m,transpose_a))+ inner];\n"
    "put_a(group,k,outer,inner,0,term_of(word,0));\n"
    "if(per > 1){put_a(group,k,outer,inner,1,term_of(word,1));}\n"
    "if(per > 2){put_a(group,k,outer,inner,2,term_of(word,2));}\n"
    "if(per > 2){put_a(group,k,outer,inner,3,term_of(word,3));}\n"
    "}\n"
    "}\n"
    "}\n"
    "let b_start = group.z * p.b_step + select(group.x * wide,k,transpose_b)/ per;\n"
    "let b_row = select(k,group.x * wide,transpose_b);\n"
    "for(var r = 0u;r < b_outer;r += x * y / b_along){\n"
    "for(var w = 0u;w < b_inner;w += b_along){\n"
    "let outer = r + index / b_along;\n"
    "let inner = w + index % b_along;\n"
    "if(index / b_along < x * y / b_along && outer < b_outer && inner < b_inner){\n"
    "let word = b[b_start +(b_row + outer)* across(select(p.n,p.k,transpose_b))+ inner];\n"
    "put_b(group,k,outer,inner,0,term_of(word,0));\n"
    "if(per > 1){put_b(group,k,outer,inner,1,term_of(word,1));}\n"
    "if(per > 2){put_b(group,k,outer,inner,2,term_of(word,2));}\n"
    "if(per > 2){put_b(group,k,outer,inner,3,term_of(word,3));}\n"
    "}\n"
    "}\n"
    "}\n"
    "}\n"
    "fn add_stored(sum:ptr<function,array<vec4<term>,8>>,local:vec3<u32>,d:u32,e:u32){\n"
    "let i =(d * per + e)* wide + local.x;\n"
    "let t = vec4(part_b[i],part_b[i + x],part_b[i + 2 * x],part_b[i + 3 * x]);\n"
    "let j = local.y * rows * depth + e * a_words + d;\n"
    "(*sum)[0]+= part_a[j]* t;\n"
    "(*sum)[1]+= part_a[j + depth]* t;\n"
    "(*sum)[2]+= part_a[j + 2 * depth]* t;\n"
    "(*sum)[3]+= part_a[j + 3 * depth]* t;\n"
    "(*sum)[4]+= part_a[j + 4 * depth]* t;\n"
    "(*sum)[5]+= part_a[j + 5 * depth]* t;\n"
    "(*sum)[6]+= part_a[j + 6 * depth]* t;\n"
    "(*sum)[7]+= part_a[j + 7 * depth]* t;\n"
    "}\n"
    "fn add_read(sum:ptr<function,array<vec4<term>,8>>,z:u32,row:u32,left:u32,at:u32,word:u32,e:u32){\n"
    "let t = vec4(b_term(z,word,e,left,at,0),b_term(z,word,e,left,at,1),\n"
    "b_term(z,word,e,left,at,2),b_term(z,word,e,left,at,3));\n"
    "(*sum)[0]+= a_term(z,row,word,e)* t;\n"
    "(*sum)[1]+= a_term(z,row + 1,word,e)* t;\n"
    "(*sum)[2]+= a_term(z,row + 2,word,e)* t;\n"
    "(*sum)[3]+= a_term(z,row + 3,word,e)* t;\n"
    "(*sum)[4]+= a_term(z,row + 4,word,e)* t;\n"
    "(*sum)[5]+= a_term(z,row + 5,word,e)* t;\n"
    "(*sum)[6]+= a_term(z,row + 6,word,e)* t;\n"
    "(*sum)[7]+= a_term(z,row + 7,word,e)* t;\n"
    "}\n"
    "fn multiply(local:vec3<u32>,index:u32,group:vec3<u32>){\n"
    "let z = group.z;\n"
    "let row = group.y * high + local.y * rows;\n"
    "let left = group.x * wide;\n"
    "var total:array<vec4<whole>,8>;\n"
    "for(var first = 0u;first < p.k;first += block_terms){\n"
    "var sum:array<vec4<term>,8>;\n"
    "let end = min(p.k,first + block_terms);\n"
    "if(depth == 0){\n"
    "for(var w = first / per;w < end / per;w++){\n"
    "add_read(&sum,z,row,left,local.x,w,0);\n"
    "if(per > 1){add_read(&sum,z,row,left,local.x,w,1);}\n"
    "if(per > 2){add_read(&sum,z,row,left,local.x,w,2);}\n"
    "if(per > 2){add_read(&sum,z,row,left,local.x,w,3);}\n"
    "}\n"
    "if(per > 1){\n"
    "for(var k = end / per * per;k < end;k++){\n"
    "add_read(&sum,z,row,left,local.x,k / per,k % per);\n"
    "}\n"
    "}\n"
    "}else{\n"
    "for(var k = first;k < end;k += depth){\n"
    "workgroupBarrier();\n"
    "stage(index,group,k);\n"
    "workgroupBarrier();\n"
    "for(var e = 0u;e < a_words;e++){\n"
    "let d = e &(a_words - 1);\n"
    "add_stored(&sum,local,d,0);\n"
    "if(per > 1){add_stored(&sum,local,d,1);}\n"
    "if(per > 2){add_stored(&sum,local,d,2);}\n"
    "if(per > 2){add_stored(&sum,local,d,3);}\n"
    "}\n"
    "}\n"
    "}\n"
    "total[0]+= vec4<whole>(sum[0]);\n"
    "total[1]+= vec4<whole>(sum[1]);\n"
    "total[2]+= vec4<whole>(sum[2]);\n"
    "total[3]+= vec4<whole>(sum[3]);\n"
    "total[4]+= vec4<whole>(sum[4]);\n"
    "total[5]+= vec4<whole>(sum[5]);\n"
    "total[6]+= vec4<whole>(sum[6]);\n"
    "total[7]+= vec4<whole>(sum[7]);\n"
    "}\n"
    "if(rows > 0){finish_row(z,row,left,local.x,total[0]);}\n"
    "if(rows > 1){finish_row(z,row + 1,left,local.x,total[1]);}\n"
    "if(rows > 2){finish_row(z,row + 2,left,local.x,total[2]);}\n"
    "if(rows > 3){finish_row(z,row + 3,left,local.x,total[3]);}\n"
    "if(rows > 4){finish_row(z,row + 4,left,local.x,total[4]);}\n"
    "if(rows > 5){finish_row(z,row + 5,left,local.x,total[5]);}\n"
    "if(rows > 6){finish_row(z,row + 6,left,local.x,total[6]);}\n"
    "if(rows > 7){finish_row(z,row + 7,left,local.x,total[7]);}\n"
    "}\n"
    "fn finish_row(z:u32,row:u32,left:u32,at:u32,v:vec4<whole>){\n"
    "if(row >= p.m){\n"
    "return;\n"
    "}\n"
    "if(cols > 0 && left + column(at,0)< p.n){finish(z,row,left + column(at,0),v.x);}\n"
    "if(cols > 1 && left + column(at,1)< p.n){finish(z,row,left + column(at,1),v.y);}\n"
    "if(cols > 2 && left + column(at,2)< p.n){finish(z,row,left + column(at,2),v.z);}\n"
    "if(cols > 3 && left + column(at,3)< p.n){finish(z,row,left + column(at,3),v.w);}\n"
    "}\n"
    "override accumulate:bool = false;\n"
    "override with_bias:bool = false;\n"
    "alias term = f32;\n"
    "alias whole = f32;\n"
    "const per = 1u;\n"
    "struct Params{m:u32,n:u32,k:u32,batch:u32,a_step:u32,b_step:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> a:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read> b:array<f32>;\n"
    "@group(0)@binding(3)var<storage,read> bias:array<f32>;\n"
    "@group(0)@binding(4)var<storage,read_write> c:array<f32>;\n"
    "fn term_of(word:f32,i:u32)-> f32{\n"
    "return domain(word);\n"
    "}\n"
    "fn finish(z:u32,row:u32,col:u32,sum:f32){\n"
    "let at =(z * p.m + row)* p.n + col;\n"
    "var v = sum;\n"
    "if(accumulate){\n"
    "v = c[at]+ v;\n"
    "}\n"
    "if(with_bias){\n"
    "v = v + bias[col];\n"
    "}\n"
    "c[at]= activated(v);\n"
    "}\n"
    "@compute @workgroup_size(x,y)\n"
    "fn matmul_f32(@builtin(local_invocation_id)local:vec3<u32>,@builtin(local_invocation_index)index:u32,\n"
    "@builtin(workgroup_id)group:vec3<u32>){\n"
    "multiply(local,index,group);\n"
    "}\n"
    ;

static const gw_lib_binding matmul_f32_bindings[] = {
    {"a", "f32", 0},
    {"b", "f32", 0},
    {"bias", "f32", 0},
    {"c", "f32", 1},
};

static const gw_lib_value matmul_f32_tile[] = {
    {"cols", 4},
    {"depth", 0},
    {"rows", 4},
    {"x", 16},
    {"y", 4},
};

static void matmul_f32_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = ceil_of((uint64_t)p[1], ((uint64_t)t[3] * (uint64_t)t[0]));
    groups[1] = ceil_of((uint64_t)p[0], ((uint64_t)t[4] * (uint64_t)t[2]));
    groups[2] = (uint64_t)p[3];
}

const gw_lib_op gw_lib_matmul_f32 = {
    "matmul_f32", matmul_f32_source, sizeof matmul_f32_source - 1, 6, 4, 5, matmul_f32_bindings, matmul_f32_tile, matmul_f32_grid,
};

static const char matmul_bf16_source[] =
    "fn domain(x:f32)-> f32{\n"
    "return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);\n"
    "}\n"
    "fn domain_bf16(bits:u32)-> f32{\n"
    "return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);\n"
    "}\n"
    "fn activation_relu(x:f32)-> f32{\n"
    "return select(0.0,x,x > 0.0);\n"
    "}\n"
    "struct Gate{e:f32,r:f32}\n"
    "fn activation_gate(t:u32,far:bool)-> Gate{\n"
    "let g = f32(i32(t & 0x7fffff)- 0x400000);\n"
    "let q = 0x1.5be054p-49 + g *(-0x1.418820p-74 + g *(0x1.c0921ap-100 + g * -0x1.eca6f0p-126));\n"
    "let p = 0x1.6a09e8p-1 + g *(-0x1.f5e45ap-25 + g * q);\n"
    "let e = select(p * bitcast<f32>(0x3f800000 -(t & 0x1f800000)),0.0,far);\n"
    "let bits = clamp(bitcast<u32>(1.0 + e),0x3f800000,0x40000000);\n"
    "let d = bitcast<f32>(bits);\n"
    "let r0 = bitcast<f32>(0x7ef31000 - bits);\n"
    "let r1 = r0 *(2.0 - d * r0);\n"
    "let r2 = r1 *(2.0 - d * r1);\n"
    "let r3 = r2 + r2 *(1.0 - d * r2);\n"
    "return Gate(e,bitcast<f32>(clamp(bitcast<u32>(r3),0x3f000000,0x3f800000)));\n"
    "}\n"
    "fn gated(g:Gate,x:f32)-> f32{\n"
    "return select(g.r,g.e * g.r,bitcast<u32>(x)>= 0x80000000);\n"
    "}\n"
    "fn sigmoid_gate(x:f32)-> Gate{\n"
    "let size = bitcast<u32>(x)& 0x7fffffff;\n"
    "let m = u32(i32(bitcast<f32>(clamp(size,0x32800000,0x42313333))* 0x1p24));\n"
    "let high = m >> 15;\n"
    "let t = high * 23637 +((high * 7573 +(m & 0x7fff)* 47274 + 0x8000)>> 16);\n"
    "return activation_gate(t,size >= 0x42313333);\n"
    "}\n"
    "fn gelu_gate(x:f32)-> Gate{\n"
    "let size = bitcast<u32>(x)& 0x7fffffff;\n"
    "let a = bitcast<f32>(clamp(size,0x32800000,0x40f40000));\n"
    "return activation_gate(u32(i32(a *(19312322.0 + 863550.5 *(a * a)))),size >= 0x40f40000);\n"
    "}\n"
    "fn is_nan(x:f32)-> bool{\n"
    "return(bitcast<u32>(x)& 0x7fffffff)> 0x7f800000;\n"
    "}\n"
    "fn activation_sigmoid(x:f32)-> f32{\n"
    "return select(gated(sigmoid_gate(x),x),x + 1.0,is_nan(x));\n"
    "}\n"
    "fn activation_silu(x:f32)-> f32{\n"
    "return domain(x)* gated(sigmoid_gate(x),x);\n"
    "}\n"
    "fn activation_gelu(x:f32)-> f32{\n"
    "return domain(x)* gated(gelu_gate(x),x);\n"
    "}\n"
    "fn activation_tanh(x:f32)-> f32{\n"
    "return tanh(x);\n"
    "}\n"
    "override activation:u32 = 0;\n"
    "fn activated(x:f32)-> f32{\n"
    "switch(activation){\n"
    "case 1:{return activation_relu(x);}\n"
    "case 2:{return activation_gelu(x);}\n"
    "case 3:{return activation_silu(x);}\n"
    "case 4:{return activation_tanh(x);}\n"
    "case 5:{return activation_sigmoid(x);}\n"
    "default:{return x;}\n"
    "}\n"
    "}\n"
    "override transpose_a:bool = false;\n"
    "override transpose_b:bool = false;\n"
    "override x:u32 = 16;\n"
    "override y:u32 = 4;\n"
    "override rows:u32 = 4;\n"
    "override cols:u32 = 4;\n"
    "override depth:u32 = 0;\n"
    "override high:u32 = y * rows;\n"
    "override wide:u32 = x * cols;\n"
    "override fits:u32 = 1 / u32(rows <= 8 && cols <= 4 && high % per == 0 && wide % per == 0 && 256 % max(depth,1)== 0 && depth % per == 0);\n"
    "const block_terms = 256u;\n"
    "var<workgroup> part_a:array<term,fits * high * max(depth,1)>;\n"
    "var<workgroup> part_b:array<term,fits * wide * max(depth,1)>;\n"
    "override a_words:u32 = max(depth / per,1);\n"
    "override b_words:u32 = wide / per;\n"
    "fn column_word(at:u32,n:u32)-> u32{\n"
    "return select((at + n * x)% b_words,at + n * x % b_words,b_words % x == 0);\n"
    "}\n"
    "fn column_term(at:u32,n:u32)-> u32{\n"
    "return select((at + n * x)/ b_words,n * x / b_words,b_words % x == 0);\n"
    "}\n"
    "fn column(at:u32,n:u32)-> u32{\n"
    "return column_word(at,n)* per + column_term(at,n);\n"
    "}\n"
    "fn across(n:u32)-> u32{\n"
    "return(n + per - 1)/ per;\n"
    "}\n"
    "fn a_term(z:u32,i:u32,word:u32,e:u32)-> term{\n"
    "if(transpose_a){\n"
    "return term_of(a[z * p.a_step +(word * per + e)* across(p.m)+ i / per],i % per);\n"
    "}\n"
    "return term_of(a[z * p.a_step + i * across(p.k)+ word],e);\n"
    "}\n"
    "fn b_term(z:u32,word:u32,e:u32,left:u32,at:u32,n:u32)-> term{\n"
    "if(transpose_b){\n"
    "return term_of(b[z * p.b_step +(left + column(at,n))* across(p.k)+ word],e);\n"
    "}\n"
    "return term_of(b[z * p.b_step +(word * per + e)* across(p.n)+ left / per + column_word(at,n)],column_term(at,n));\n"
    "}\n"
    "fn put_a(group:vec3<u32>,k:u32,outer:u32,word:u32,e:u32,v:term){\n"
    "let inner = word * per + e;\n"
    "let i = select(outer,inner,transpose_a);\n"
    "let j = select(inner,outer,transpose_a);\n"
    "let at = i * depth + select(e * a_words + word,outer % per * a_words + outer / per,transpose_a);\n"
    "part_a[at]= select(term(),v,group.y * high + i < p.m && k + j < p.k);\n"
    "}\n"
    "fn put_b(group:vec3<u32>,k:u32,outer:u32,word:u32,e:u32,v:term){\n"
    "let inner = word * per + e;\n"
    "let i = select(outer,inner,transpose_b);\n"
    "let j = select(inner,outer,transpose_b);\n"
    "let at = i * wide + select(e * b_words + word,outer % per * b_words + outer / per,transpose_b);\n"
    "part_b[at]= select(term(),v,k + i < p.k && group.x * wide + j < p.n);\n"
    "}\n"
    "override a_outer:u32 = select(high,depth,transpose_a);\n"
    "override a_inner:u32 = max(select(depth,high,transpose_a)/ per,1);\n"
    "override b_outer:u32 = select(depth,wide,transpose_b);\n"
    "override b_inner:u32 = max(select(wide,depth,transpose_b)/ per,1);\n"
    "override a_along:u32 = min(a_inner,x * y);\n"
    "override b_along:u32 = min(b_inner,x * y);\n"
    "fn stage(index:u32,group:vec3<u32>,k:u32){\n"
    "let a_start = group.z * p.a_step + select(k,group.y * high,transpose_a)/ per;\n"
    "let a_row = select(group.y * high,k,transpose_a);\n"
    "for(var r = 0u;r < a_outer;r += x * y / a_along){\n"
    "for(var w = 0u;w < a_inner;w += a_along){\n"
    "let outer = r + index / a_along;\n"
    "let inner = w + index % a_along;\n"
    "if(index / a_along < x * y / a_along && outer < a_outer && inner < a_inner){\n"
    "let word = a[a_start +(a_row + outer)* across(select(p.k,p.m,transpose_a))+ inner];\n"
    "put_a(group,k,outer,inner,0,term_of(word,0));\n"
    "if(per > 1){put_a(group,k,outer,inner,1,term_of(word,1));}\n"
    "if(per > 2){put_a(group,k,outer,inner,2,term_of(word,2));}\n"
    "if(per > 2){put_a(group,k,outer,inner,3,term_of(word,3));}\n"
    "}\n"
    "}\n"
    "}\n"
    "let b_start = group.z * p.b_step + select(group.x * wide,k,transpose_b)/ per;\n"
    "let b_row = select(k,group.x * wide,transpose_b);\n"
    "for(var r = 0u;r < b_outer;r += x * y / b_along){\n"
    "for(var w = 0u;w < b_inner;w += b_along){\n"
    "let outer = r + index / b_along;\n"
    "let inner = w + index % b_along;\n"
    "if(index / b_along < x * y / b_along && outer < b_outer && inner < b_inner){\n"
    "let word = b[b_start +(b_row + outer)* across(select(p.n,p.k,transpose_b))+ inner];\n"
    "put_b(group,k,outer,inner,0,term_of(word,0));\n"
    "if(per > 1){put_b(group,k,outer,inner,1,term_of(word,1));}\n"
    "if(per > 2){put_b(group,k,outer,inner,2,term_of(word,2));}\n"
    "if(per > 2){put_b(group,k,outer,inner,3,term_of(word,3));}\n"
    "}\n"
    "}\n"
    "}\n"
    "}\n"
    "fn add_stored(sum:ptr<function,array<vec4<term>,8>>,local:vec3<u32>,d:u32,e:u32){\n"
    "let i =(d * per + e)* wide + local.x;\n"
    "let t = vec4(part_b[i],part_b[i + x],part_b[i + 2 * x],part_b[i + 3 * x]);\n"
    "let j = local.y * rows * depth + e * a_words + d;\n"
    "(*sum)[0]+= part_a[j]* t;\n"
    "(*sum)[1]+= part_a[j + depth]* t;\n"
    "(*sum)[2]+= part_a[j + 2 * depth]* t;\n"
    "(*sum)[3]+= part_a[j + 3 * depth]* t;\n"
    "(*sum)[4]+= part_a[j + 4 * depth]* t;\n"
    "(*sum)[5]+= part_a[j + 5 * depth]* t;\n"
    "(*sum)[6]+= part_a[j + 6 * depth]* t;\n"
    "(*sum)[7]+= part_a[j + 7 * depth]* t;\n"
    "}\n"
    "fn add_read(sum:ptr<function,array<vec4<term>,8>>,z:u32,row:u32,left:u32,at:u32,word:u32,e:u32){\n"
    "let t = vec4(b_term(z,word,e,left,at,0),b_term(z,word,e,left,at,1),\n"
    "b_term(z,word,e,left,at,2),b_term(z,word,e,left,at,3));\n"
    "(*sum)[0]+= a_term(z,row,word,e)* t;\n"
    "(*sum)[1]+= a_term(z,row + 1,word,e)* t;\n"
    "(*sum)[2]+= a_term(z,row + 2,word,e)* t;\n"
    "(*sum)[3]+= a_term(z,row + 3,word,e)* t;\n"
    "(*sum)[4]+= a_term(z,row + 4,word,e)* t;\n"
    "(*sum)[5]+= a_term(z,row + 5,word,e)* t;\n"
    "(*sum)[6]+= a_term(z,row + 6,word,e)* t;\n"
    "(*sum)[7]+= a_term(z,row + 7,word,e)* t;\n"
    "}\n"
    "fn multiply(local:vec3<u32>,index:u32,group:vec3<u32>){\n"
    "let z = group.z;\n"
    "let row = group.y * high + local.y * rows;\n"
    "let left = group.x * wide;\n"
    "var total:array<vec4<whole>,8>;\n"
    "for(var first = 0u;first < p.k;first += block_terms){\n"
    "var sum:array<vec4<term>,8>;\n"
    "let end = min(p.k,first + block_terms);\n"
    "if(depth == 0){\n"
    "for(var w = first / per;w < end / per;w++){\n"
    "add_read(&sum,z,row,left,local.x,w,0);\n"
    "if(per > 1){add_read(&sum,z,row,left,local.x,w,1);}\n"
    "if(per > 2){add_read(&sum,z,row,left,local.x,w,2);}\n"
    "if(per > 2){add_read(&sum,z,row,left,local.x,w,3);}\n"
    "}\n"
    "if(per > 1){\n"
    "for(var k = end / per * per;k < end;k++){\n"
    "add_read(&sum,z,row,left,local.x,k / per,k % per);\n"
    "}\n"
    "}\n"
    "}else{\n"
    "for(var k = first;k < end;k += depth){\n"
    "workgroupBarrier();\n"
    "stage(index,group,k);\n"
    "workgroupBarrier();\n"
    "for(var e = 0u;e < a_words;e++){\n"
    "let d = e &(a_words - 1);\n"
    "add_stored(&sum,local,d,0);\n"
    "if(per > 1){add_stored(&sum,local,d,1);}\n"
    "if(per > 2){add_stored(&sum,local,d,2);}\n"
    "if(per > 2){add_stored(&sum,local,d,3);}\n"
    "}\n"
    "}\n"
    "}\n"
    "total[0]+= vec4<whole>(sum[0]);\n"
    "total[1]+= vec4<whole>(sum[1]);\n"
    "total[2]+= vec4<whole>(sum[2]);\n"
    "total[3]+= vec4<whole>(sum[3]);\n"
    "total[4]+= vec4<whole>(sum[4]);\n"
    "total[5]+= vec4<whole>(sum[5]);\n"
    "total[6]+= vec4<whole>(sum[6]);\n"
    "total[7]+= vec4<whole>(sum[7]);\n"
    "}\n"
    "if(rows > 0){finish_row(z,row,left,local.x,total[0]);}\n"
    "if(rows > 1){finish_row(z,row + 1,left,local.x,total[1]);}\n"
    "if(rows > 2){finish_row(z,row + 2,left,local.x,total[2]);}\n"
    "if(rows > 3){finish_row(z,row + 3,left,local.x,total[3]);}\n"
    "if(rows > 4){finish_row(z,row + 4,left,local.x,total[4]);}\n"
    "if(rows > 5){finish_row(z,row + 5,left,local.x,total[5]);}\n"
    "if(rows > 6){finish_row(z,row + 6,left,local.x,total[6]);}\n"
    "if(rows > 7){finish_row(z,row + 7,left,local.x,total[7]);}\n"
    "}\n"
    "fn bf16_from(bits:u32)-> u32{\n"
    "if((bits & 0x7fffffff)> 0x7f800000){\n"
    "return 0x7fc0;\n"
    "}\n"
    "return(bits + 0x7fff +((bits >> 16)& 1))>> 16;\n"
    "}\n"
    "override accumulate:bool = false;\n"
    "override with_bias:bool = false;\n"
    "override to_bf16:bool = false;\n"
    "override pairs:u32 = 1 / u32(!to_bf16 || cols % 2 == 0);\n"
    "alias term = f32;\n"
    "alias whole = f32;\n"
    "const per = 2u;\n"
    "struct Params{m:u32,n:u32,k:u32,batch:u32,a_step:u32,b_step:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> a:array<u32>;\n"
    "@group(0)@binding(2)var<storage,read> b:array<u32>;\n"
    "@group(0)@binding(3)var<storage,read> bias:array<f32>;\n"
    "@group(0)@binding(4)var<storage,read_write> c:array<u32>;\n"
    "fn term_of(word:u32,i:u32)-> f32{\n"
    "return domain_bf16(select(word << 16,word & 0xffff0000,i == 1));\n"
    "}\n"
    "fn finished(sum:f32,old:u32,col:u32)-> u32{\n"
    "var v = sum;\n"
    "if(accumulate){\n"
    "v = bitcast<f32>(old)+ v;\n"
    "}\n"
    "if(with_bias){\n"
    "v = v + bias[col];\n"
    "}\n"
    "return bitcast<u32>(activated(v));\n"
    "}\n"
    "fn finish(z:u32,row:u32,col:u32,sum:f32){\n"
    "let at =(z * p.m + row)* p.n + col;\n"
    "if(col < p.n){\n"
    "c[at]= finished(sum,c[at],col);\n"
    "}\n"
    "}\n"
    "fn finish_pair(z:u32,row:u32,word:u32,first:f32,second:f32){\n"
    "let at =(z * p.m + row)* across(p.n)+ pairs * word;\n"
    "let col = 2 * word;\n"
    "if(col >= p.n){\n"
    "return;\n"
    "}\n"
    "let old = c[at];\n"
    "var w = bf16_from(finished(first,old << 16,col));\n"
    "if(col + 1 < p.n){\n"
    "w |= bf16_from(finished(second,old & 0xffff0000,col + 1))<< 16;\n"
    "}\n"
    "c[at]= w;\n"
    "}\n"
    "fn finish_row(z:u32,row:u32,left:u32,at:u32,v:vec4<f32>){\n"
    "if(row >= p.m){\n"
    "return;\n"
    "}\n"
    "if(to_bf16){\n"
    "finish_pair(z,row,left / 2 + column_word(at,0),v.x,select(v.y,v.z,cols == 4));\n"
    "if(cols == 4){\n"
    "finish_pair(z,row,left / 2 + column_word(at,1),v.y,v.w);\n"
    "}\n"
    "return;\n"
    "}\n"
    "if(cols > 0){finish(z,row,left + column(at,0),v.x);}\n"
    "if(cols > 1){finish(z,row,left + column(at,1),v.y);}\n"
    "if(cols > 2){finish(z,row,left + column(at,2),v.z);}\n"
    "if(cols > 3){finish(z,row,left + column(at,3),v.w);}\n"
    "}\n"
    "@compute @workgroup_size(x,y)\n"
    "fn matmul_bf16(@builtin(local_invocation_id)local:vec3<u32>,@builtin(local_invocation_index)index:u32,\n"
    "@builtin(workgroup_id)group:vec3<u32>){\n"
    "multiply(local,index,group);\n"
    "}\n"
    ;

static const gw_lib_binding matmul_bf16_bindings[] = {
    {"a", "u32", 0},
    {"b", "u32", 0},
    {"bias", "f32", 0},
    {"c", "u32", 1},
};

static const gw_lib_value matmul_bf16_tile[] = {
    {"cols", 4},
    {"depth", 0},
    {"rows", 4},
    {"x", 16},
    {"y", 4},
};

static void matmul_bf16_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = ceil_of((uint64_t)p[1], ((uint64_t)t[3] * (uint64_t)t[0]));
    groups[1] = ceil_of((uint64_t)p[0], ((uint64_t)t[4] * (uint64_t)t[2]));
    groups[2] = (uint64_t)p[3];
}

const gw_lib_op gw_lib_matmul_bf16 = {
    "matmul_bf16", matmul_bf16_source, sizeof matmul_bf16_source - 1, 6, 4, 5, matmul_bf16_bindings, matmul_bf16_tile, matmul_bf16_grid,
};

static const char matmul_i8_source[] =
    "alias term = i32;\n"
    "alias whole = i32;\n"
    "const per = 4u;\n"
    "struct Params{m:u32,n:u32,k:u32,batch:u32,a_step:u32,b_step:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> a:array<u32>;\n"
    "@group(0)@binding(2)var<storage,read> b:array<u32>;\n"
    "fn term_of(word:u32,i:u32)-> i32{\n"
    "return bitcast<i32>(word <<(24 - 8 * i))>> 24;\n"
    "}\n"
    "override transpose_a:bool = false;\n"
    "override transpose_b:bool = false;\n"
    "override x:u32 = 16;\n"
    "override y:u32 = 4;\n"
    "override rows:u32 = 4;\n"
    "override cols:u32 = 4;\n"
    "override depth:u32 = 0;\n"
    "override high:u32 = y * rows;\n"
    "override wide:u32 = x * cols;\n"
    "override fits:u32 = 1 / u32(rows <= 8 && cols <= 4 && high % per == 0 && wide % per == 0 && 256 % max(depth,1)== 0 && depth % per == 0);\n"
    "const block_terms = 256u;\n"
    "var<workgroup> part_a:array<term,fits * high * max(depth,1)>;\n"
    "var<workgroup> part_b:array<term,fits * wide * max(depth,1)>;\n"
    "override a_words:u32 = max(depth / per,1);\n"
    "override b_words:u32 = wide / per;\n"
    "fn column_word(at:u32,n:u32)-> u32{\n"
    "return select((at + n * x)% b_words,at + n * x % b_words,b_words % x == 0);\n"
    "}\n"
    "fn column_term(at:u32,n:u32)-> u32{\n"
    "return select((at + n * x)/ b_words,n * x / b_words,b_words % x == 0);\n"
    "}\n"
    "fn column(at:u32,n:u32)-> u32{\n"
    "return column_word(at,n)* per + column_term(at,n);\n"
    "}\n"
    "fn across(n:u32)-> u32{\n"
    "return(n + per - 1)/ per;\n"
    "}\n"
    "fn a_term(z:u32,i:u32,word:u32,e:u32)-> term{\n"
    "if(transpose_a){\n"
    "return term_of(a[z * p.a_step +(word * per + e)* across(p.m)+ i / per],i % per);\n"
    "}\n"
    "return term_of(a[z * p.a_step + i * across(p.k)+ word],e);\n"
    "}\n"
    "fn b_term(z:u32,word:u32,e:u32,left:u32,at:u32,n:u32)-> term{\n"
    "if(transpose_b){\n"
    "return term_of(b[z * p.b_step +(left + column(at,n))* across(p.k)+ word],e);\n"
    "}\n"
    "return term_of(b[z * p.b_step +(word * per + e)* across(p.n)+ left / per + column_word(at,n)],column_term(at,n));\n"
    "}\n"
    "fn put_a(group:vec3<u32>,k:u32,outer:u32,word:u32,e:u32,v:term){\n"
    "let inner = word * per + e;\n"
    "let i = select(outer,inner,transpose_a);\n"
    "let j = select(inner,outer,transpose_a);\n"
    "let at = i * depth + select(e * a_words + word,outer % per * a_words + outer / per,transpose_a);\n"
    "part_a[at]= select(term(),v,group.y * high + i < p.m && k + j < p.k);\n"
    "}\n"
    "fn put_b(group:vec3<u32>,k:u32,outer:u32,word:u32,e:u32,v:term){\n"
    "let inner = word * per + e;\n"
    "let i = select(outer,inner,transpose_b);\n"
    "let j = select(inner,outer,transpose_b);\n"
    "let at = i * wide + select(e * b_words + word,outer % per * b_words + outer / per,transpose_b);\n"
    "part_b[at]= select(term(),v,k + i < p.k && group.x * wide + j < p.n);\n"
    "}\n"
    "override a_outer:u32 = select(high,depth,transpose_a);\n"
    "override a_inner:u32 = max(select(depth,high,transpose_a)/ per,1);\n"
    "override b_outer:u32 = select(depth,wide,transpose_b);\n"
    "override b_inner:u32 = max(select(wide,depth,transpose_b)/ per,1);\n"
    "override a_along:u32 = min(a_inner,x * y);\n"
    "override b_along:u32 = min(b_inner,x * y);\n"
    "fn stage(index:u32,group:vec3<u32>,k:u32){\n"
    "let a_start = group.z * p.a_step + select(k,group.y * high,transpose_a)/ per;\n"
    "let a_row = select(group.y * high,k,transpose_a);\n"
    "for(var r = 0u;r < a_outer;r += x * y / a_along){\n"
    "for(var w = 0u;w < a_inner;w += a_along){\n"
    "let outer = r + index / a_along;\n"
    "let inner = w + index % a_along;\n"
    "if(index / a_along < x * y / a_along && outer < a_outer && inner < a_inner){\n"
    "let word = a[a_start +(a_row + outer)* across(select(p.k,p.m,transpose_a))+ inner];\n"
    "put_a(group,k,outer,inner,0,term_of(word,0));\n"
    "if(per > 1){put_a(group,k,outer,inner,1,term_of(word,1));}\n"
    "if(per > 2){put_a(group,k,outer,inner,2,term_of(word,2));}\n"
    "if(per > 2){put_a(group,k,outer,inner,3,term_of(word,3));}\n"
    "}\n"
    "}\n"
    "}\n"
    "let b_start = group.z * p.b_step + select(group.x * wide,k,transpose_b)/ per;\n"
    "let b_row = select(k,group.x * wide,transpose_b);\n"
    "for(var r = 0u;r < b_outer;r += x * y / b_along){\n"
    "for(var w = 0u;w < b_inner;w += b_along){\n"
    "let outer = r + index / b_along;\n"
    "let inner = w + index % b_along;\n"
    "if(index / b_along < x * y / b_along && outer < b_outer && inner < b_inner){\n"
    "let word = b[b_start +(b_row + outer)* across(select(p.n,p.k,transpose_b))+ inner];\n"
    "put_b(group,k,outer,inner,0,term_of(word,0));\n"
    "if(per > 1){put_b(group,k,outer,inner,1,term_of(word,1));}\n"
    "if(per > 2){put_b(group,k,outer,inner,2,term_of(word,2));}\n"
    "if(per > 2){put_b(group,k,outer,inner,3,term_of(word,3));}\n"
    "}\n"
    "}\n"
    "}\n"
    "}\n"
    "fn add_stored(sum:ptr<function,array<vec4<term>,8>>,local:vec3<u32>,d:u32,e:u32){\n"
    "let i =(d * per + e)* wide + local.x;\n"
    "let t = vec4(part_b[i],part_b[i + x],part_b[i + 2 * x],part_b[i + 3 * x]);\n"
    "let j = local.y * rows * depth + e * a_words + d;\n"
    "(*sum)[0]+= part_a[j]* t;\n"
    "(*sum)[1]+= part_a[j + depth]* t;\n"
    "(*sum)[2]+= part_a[j + 2 * depth]* t;\n"
    "(*sum)[3]+= part_a[j + 3 * depth]* t;\n"
    "(*sum)[4]+= part_a[j + 4 * depth]* t;\n"
    "(*sum)[5]+= part_a[j + 5 * depth]* t;\n"
    "(*sum)[6]+= part_a[j + 6 * depth]* t;\n"
    "(*sum)[7]+= part_a[j + 7 * depth]* t;\n"
    "}\n"
    "fn add_read(sum:ptr<function,array<vec4<term>,8>>,z:u32,row:u32,left:u32,at:u32,word:u32,e:u32){\n"
    "let t = vec4(b_term(z,word,e,left,at,0),b_term(z,word,e,left,at,1),\n"
    "b_term(z,word,e,left,at,2),b_term(z,word,e,left,at,3));\n"
    "(*sum)[0]+= a_term(z,row,word,e)* t;\n"
    "(*sum)[1]+= a_term(z,row + 1,word,e)* t;\n"
    "(*sum)[2]+= a_term(z,row + 2,word,e)* t;\n"
    "(*sum)[3]+= a_term(z,row + 3,word,e)* t;\n"
    "(*sum)[4]+= a_term(z,row + 4,word,e)* t;\n"
    "(*sum)[5]+= a_term(z,row + 5,word,e)* t;\n"
    "(*sum)[6]+= a_term(z,row + 6,word,e)* t;\n"
    "(*sum)[7]+= a_term(z,row + 7,word,e)* t;\n"
    "}\n"
    "fn multiply(local:vec3<u32>,index:u32,group:vec3<u32>){\n"
    "let z = group.z;\n"
    "let row = group.y * high + local.y * rows;\n"
    "let left = group.x * wide;\n"
    "var total:array<vec4<whole>,8>;\n"
    "for(var first = 0u;first < p.k;first += block_terms){\n"
    "var sum:array<vec4<term>,8>;\n"
    "let end = min(p.k,first + block_terms);\n"
    "if(depth == 0){\n"
    "for(var w = first / per;w < end / per;w++){\n"
    "add_read(&sum,z,row,left,local.x,w,0);\n"
    "if(per > 1){add_read(&sum,z,row,left,local.x,w,1);}\n"
    "if(per > 2){add_read(&sum,z,row,left,local.x,w,2);}\n"
    "if(per > 2){add_read(&sum,z,row,left,local.x,w,3);}\n"
    "}\n"
    "if(per > 1){\n"
    "for(var k = end / per * per;k < end;k++){\n"
    "add_read(&sum,z,row,left,local.x,k / per,k % per);\n"
    "}\n"
    "}\n"
    "}else{\n"
    "for(var k = first;k < end;k += depth){\n"
    "workgroupBarrier();\n"
    "stage(index,group,k);\n"
    "workgroupBarrier();\n"
    "for(var e = 0u;e < a_words;e++){\n"
    "let d = e &(a_words - 1);\n"
    "add_stored(&sum,local,d,0);\n"
    "if(per > 1){add_stored(&sum,local,d,1);}\n"
    "if(per > 2){add_stored(&sum,local,d,2);}\n"
    "if(per > 2){add_stored(&sum,local,d,3);}\n"
    "}\n"
    "}\n"
    "}\n"
    "total[0]+= vec4<whole>(sum[0]);\n"
    "total[1]+= vec4<whole>(sum[1]);\n"
    "total[2]+= vec4<whole>(sum[2]);\n"
    "total[3]+= vec4<whole>(sum[3]);\n"
    "total[4]+= vec4<whole>(sum[4]);\n"
    "total[5]+= vec4<whole>(sum[5]);\n"
    "total[6]+= vec4<whole>(sum[6]);\n"
    "total[7]+= vec4<whole>(sum[7]);\n"
    "}\n"
    "if(rows > 0){finish_row(z,row,left,local.x,total[0]);}\n"
    "if(rows > 1){finish_row(z,row + 1,left,local.x,total[1]);}\n"
    "if(rows > 2){finish_row(z,row + 2,left,local.x,total[2]);}\n"
    "if(rows > 3){finish_row(z,row + 3,left,local.x,total[3]);}\n"
    "if(rows > 4){finish_row(z,row + 4,left,local.x,total[4]);}\n"
    "if(rows > 5){finish_row(z,row + 5,left,local.x,total[5]);}\n"
    "if(rows > 6){finish_row(z,row + 6,left,local.x,total[6]);}\n"
    "if(rows > 7){finish_row(z,row + 7,left,local.x,total[7]);}\n"
    "}\n"
    "fn finish_row(z:u32,row:u32,left:u32,at:u32,v:vec4<whole>){\n"
    "if(row >= p.m){\n"
    "return;\n"
    "}\n"
    "if(cols > 0 && left + column(at,0)< p.n){finish(z,row,left + column(at,0),v.x);}\n"
    "if(cols > 1 && left + column(at,1)< p.n){finish(z,row,left + column(at,1),v.y);}\n"
    "if(cols > 2 && left + column(at,2)< p.n){finish(z,row,left + column(at,2),v.z);}\n"
    "if(cols > 3 && left + column(at,3)< p.n){finish(z,row,left + column(at,3),v.w);}\n"
    "}\n"
    "override accumulate:bool = false;\n"
    "@group(0)@binding(3)var<storage,read_write> c:array<i32>;\n"
    "fn finish(z:u32,row:u32,col:u32,sum:i32){\n"
    "let at =(z * p.m + row)* p.n + col;\n"
    "var v = sum;\n"
    "if(accumulate){\n"
    "v += c[at];\n"
    "}\n"
    "c[at]= v;\n"
    "}\n"
    "@compute @workgroup_size(x,y)\n"
    "fn matmul_i8(@builtin(local_invocation_id)local:vec3<u32>,@builtin(local_invocation_index)index:u32,\n"
    "@builtin(workgroup_id)group:vec3<u32>){\n"
    "multiply(local,index,group);\n"
    "}\n"
    ;

static const gw_lib_binding matmul_i8_bindings[] = {
    {"a", "u32", 0},
    {"b", "u32", 0},
    {"c", "i32", 1},
};

static const gw_lib_value matmul_i8_tile[] = {
    {"cols", 4},
    {"depth", 0},
    {"rows", 4},
    {"x", 16},
    {"y", 4},
};

static void matmul_i8_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = ceil_of((uint64_t)p[1], ((uint64_t)t[3] * (uint64_t)t[0]));
    groups[1] = ceil_of((uint64_t)p[0], ((uint64_t)t[4] * (uint64_t)t[2]));
    groups[2] = (uint64_t)p[3];
}

const gw_lib_op gw_lib_matmul_i8 = {
    "matmul_i8", matmul_i8_source, sizeof matmul_i8_source - 1, 6, 3, 5, matmul_i8_bindings, matmul_i8_tile, matmul_i8_grid,
};

static const char matmul_i8_scaled_source[] =
    "alias term = i32;\n"
    "alias whole = i32;\n"
    "const per = 4u;\n"
    "struct Params{m:u32,n:u32,k:u32,batch:u32,a_step:u32,b_step:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> a:array<u32>;\n"
    "@group(0)@binding(2)var<storage,read> b:array<u32>;\n"
    "fn term_of(word:u32,i:u32)-> i32{\n"
    "return bitcast<i32>(word <<(24 - 8 * i))>> 24;\n"
    "}\n"
    "override transpose_a:bool = false;\n"
    "override transpose_b:bool = false;\n"
    "override x:u32 = 16;\n"
    "override y:u32 = 4;\n"
    "override rows:u32 = 4;\n"
    "override cols:u32 = 4;\n"
    "override depth:u32 = 0;\n"
    "override high:u32 = y * rows;\n"
    "override wide:u32 = x * cols;\n"
    "override fits:u32 = 1 / u32(rows <= 8 && cols <= 4 && high % per == 0 && wide % per == 0 && 256 % max(depth,1)== 0 && depth % per == 0);\n"
    "const block_terms = 256u;\n"
    "var<workgroup> part_a:array<term,fits * high * max(depth,1)>;\n"
    "var<workgroup> part_b:array<term,fits * wide * max(depth,1)>;\n"
    "override a_words:u32 = max(depth / per,1);\n"
    "override b_words:u32 = wide / per;\n"
    "fn column_word(at:u32,n:u32)-> u32{\n"
    "return select((at + n * x)% b_words,at + n * x % b_words,b_words % x == 0);\n"
    "}\n"
    "fn column_term(at:u32,n:u32)-> u32{\n"
    "return select((at + n * x)/ b_words,n * x / b_words,b_words % x == 0);\n"
    "}\n"
    "fn column(at:u32,n:u32)-> u32{\n"
    "return column_word(at,n)* per + column_term(at,n);\n"
    "}\n"
    "fn across(n:u32)-> u32{\n"
    "return(n + per - 1)/ per;\n"
    "}\n"
    "fn a_term(z:u32,i:u32,word:u32,e:u32)-> term{\n"
    "if(transpose_a){\n"
    "return term_of(a[z * p.a_step +(word * per + e)* across(p.m)+ i / per],i % per);\n"
    "}\n"
    "return term_of(a[z * p.a_step + i * across(p.k)+ word],e);\n"
    "}\n"
    "fn b_term(z:u32,word:u32,e:u32,left:u32,at:u32,n:u32)-> term{\n"
    "if(transpose_b){\n"
    "return term_of(b[z * p.b_step +(left + column(at,n))* across(p.k)+ word],e);\n"
    "}\n"
    "return term_of(b[z * p.b_step +(word * per + e)* across(p.n)+ left / per + column_word(at,n)],column_term(at,n));\n"
    "}\n"
    "fn put_a(group:vec3<u32>,k:u32,outer:u32,word:u32,e:u32,v:term){\n"
    "let inner = word * per + e;\n"
    "let i = select(outer,inner,transpose_a);\n"
    "let j = select(inner,outer,transpose_a);\n"
    "let at = i * depth + select(e * a_words + word,outer % per * a_words + outer / per,transpose_a);\n"
    "part_a[at]= select(term(),v,group.y * high + i < p.m && k + j < p.k);\n"
    "}\n"
    "fn put_b(group:vec3<u32>,k:u32,outer:u32,word:u32,e:u32,v:term){\n"
    "let inner = word * per + e;\n"
    "let i = select(outer,inner,transpose_b);\n"
    "let j = select(inner,outer,transpose_b);\n"
    "let at = i * wide + select(e * b_words + word,outer % per * b_words + outer / per,transpose_b);\n"
    "part_b[at]= select(term(),v,k + i < p.k && group.x * wide + j < p.n);\n"
    "}\n"
    "override a_outer:u32 = select(high,depth,transpose_a);\n"
    "override a_inner:u32 = max(select(depth,high,transpose_a)/ per,1);\n"
    "override b_outer:u32 = select(depth,wide,transpose_b);\n"
    "override b_inner:u32 = max(select(wide,depth,transpose_b)/ per,1);\n"
    "override a_along:u32 = min(a_inner,x * y);\n"
    "override b_along:u32 = min(b_inner,x * y);\n"
    "fn stage(index:u32,group:vec3<u32>,k:u32){\n"
    "let a_start = group.z * p.a_step + select(k,group.y * high,transpose_a)/ per;\n"
    "let a_row = select(group.y * high,k,transpose_a);\n"
    "for(var r = 0u;r < a_outer;r += x * y / a_along){\n"
    "for(var w = 0u;w < a_inner;w += a_along){\n"
    "let outer = r + index / a_along;\n"
    "let inner = w + index % a_along;\n"
    "if(index / a_along < x * y / a_along && outer < a_outer && inner < a_inner){\n"
    "let word = a[a_start +(a_row + outer)* across(select(p.k,p.m,transpose_a))+ inner];\n"
    "put_a(group,k,outer,inner,0,term_of(word,0));\n"
    "if(per > 1){put_a(group,k,outer,inner,1,term_of(word,1));}\n"
    "if(per > 2){put_a(group,k,outer,inner,2,term_of(word,2));}\n"
    "if(per > 2){put_a(group,k,outer,inner,3,term_of(word,3));}\n"
    "}\n"
    "}\n"
    "}\n"
    "let b_start = group.z * p.b_step + select(group.x * wide,k,transpose_b)/ per;\n"
    "let b_row = select(k,group.x * wide,transpose_b);\n"
    "for(var r = 0u;r < b_outer;r += x * y / b_along){\n"
    "for(var w = 0u;w < b_inner;w += b_along){\n"
    "let outer = r + index / b_along;\n"
    "let inner = w + index % b_along;\n"
    "if(index / b_along < x * y / b_along && outer < b_outer && inner < b_inner){\n"
    "let word = b[b_start +(b_row + outer)* across(select(p.n,p.k,transpose_b))+ inner];\n"
    "put_b(group,k,outer,inner,0,term_of(word,0));\n"
    "if(per > 1){put_b(group,k,outer,inner,1,term_of(word,1));}\n"
    "if(per > 2){put_b(group,k,outer,inner,2,term_of(word,2));}\n"
    "if(per > 2){put_b(group,k,outer,inner,3,term_of(word,3));}\n"
    "}\n"
    "}\n"
    "}\n"
    "}\n"
    "fn add_stored(sum:ptr<function,array<vec4<term>,8>>,local:vec3<u32>,d:u32,e:u32){\n"
    "let i =(d * per + e)* wide + local.x;\n"
    "let t = vec4(part_b[i],part_b[i + x],part_b[i + 2 * x],part_b[i + 3 * x]);\n"
    "let j = local.y * rows * depth + e * a_words + d;\n"
    "(*sum)[0]+= part_a[j]* t;\n"
    "(*sum)[1]+= part_a[j + depth]* t;\n"
    "(*sum)[2]+= part_a[j + 2 * depth]* t;\n"
    "(*sum)[3]+= part_a[j + 3 * depth]* t;\n"
    "(*sum)[4]+= part_a[j + 4 * depth]* t;\n"
    "(*sum)[5]+= part_a[j + 5 * depth]* t;\n"
    "(*sum)[6]+= part_a[j + 6 * depth]* t;\n"
    "(*sum)[7]+= part_a[j + 7 * depth]* t;\n"
    "}\n"
    "fn add_read(sum:ptr<function,array<vec4<term>,8>>,z:u32,row:u32,left:u32,at:u32,word:u32,e:u32){\n"
    "let t = vec4(b_term(z,word,e,left,at,0),b_term(z,word,e,left,at,1),\n"
    "b_term(z,word,e,left,at,2),b_term(z,word,e,left,at,3));\n"
    "(*sum)[0]+= a_term(z,row,word,e)* t;\n"
    "(*sum)[1]+= a_term(z,row + 1,word,e)* t;\n"
    "(*sum)[2]+= a_term(z,row + 2,word,e)* t;\n"
    "(*sum)[3]+= a_term(z,row + 3,word,e)* t;\n"
    "(*sum)[4]+= a_term(z,row + 4,word,e)* t;\n"
    "(*sum)[5]+= a_term(z,row + 5,word,e)* t;\n"
    "(*sum)[6]+= a_term(z,row + 6,word,e)* t;\n"
    "(*sum)[7]+= a_term(z,row + 7,word,e)* t;\n"
    "}\n"
    "fn multiply(local:vec3<u32>,index:u32,group:vec3<u32>){\n"
    "let z = group.z;\n"
    "let row = group.y * high + local.y * rows;\n"
    "let left = group.x * wide;\n"
    "var total:array<vec4<whole>,8>;\n"
    "for(var first = 0u;first < p.k;first += block_terms){\n"
    "var sum:array<vec4<term>,8>;\n"
    "let end = min(p.k,first + block_terms);\n"
    "if(depth == 0){\n"
    "for(var w = first / per;w < end / per;w++){\n"
    "add_read(&sum,z,row,left,local.x,w,0);\n"
    "if(per > 1){add_read(&sum,z,row,left,local.x,w,1);}\n"
    "if(per > 2){add_read(&sum,z,row,left,local.x,w,2);}\n"
    "if(per > 2){add_read(&sum,z,row,left,local.x,w,3);}\n"
    "}\n"
    "if(per > 1){\n"
    "for(var k = end / per * per;k < end;k++){\n"
    "add_read(&sum,z,row,left,local.x,k / per,k % per);\n"
    "}\n"
    "}\n"
    "}else{\n"
    "for(var k = first;k < end;k += depth){\n"
    "workgroupBarrier();\n"
    "stage(index,group,k);\n"
    "workgroupBarrier();\n"
    "for(var e = 0u;e < a_words;e++){\n"
    "let d = e &(a_words - 1);\n"
    "add_stored(&sum,local,d,0);\n"
    "if(per > 1){add_stored(&sum,local,d,1);}\n"
    "if(per > 2){add_stored(&sum,local,d,2);}\n"
    "if(per > 2){add_stored(&sum,local,d,3);}\n"
    "}\n"
    "}\n"
    "}\n"
    "total[0]+= vec4<whole>(sum[0]);\n"
    "total[1]+= vec4<whole>(sum[1]);\n"
    "total[2]+= vec4<whole>(sum[2]);\n"
    "total[3]+= vec4<whole>(sum[3]);\n"
    "total[4]+= vec4<whole>(sum[4]);\n"
    "total[5]+= vec4<whole>(sum[5]);\n"
    "total[6]+= vec4<whole>(sum[6]);\n"
    "total[7]+= vec4<whole>(sum[7]);\n"
    "}\n"
    "if(rows > 0){finish_row(z,row,left,local.x,total[0]);}\n"
    "if(rows > 1){finish_row(z,row + 1,left,local.x,total[1]);}\n"
    "if(rows > 2){finish_row(z,row + 2,left,local.x,total[2]);}\n"
    "if(rows > 3){finish_row(z,row + 3,left,local.x,total[3]);}\n"
    "if(rows > 4){finish_row(z,row + 4,left,local.x,total[4]);}\n"
    "if(rows > 5){finish_row(z,row + 5,left,local.x,total[5]);}\n"
    "if(rows > 6){finish_row(z,row + 6,left,local.x,total[6]);}\n"
    "if(rows > 7){finish_row(z,row + 7,left,local.x,total[7]);}\n"
    "}\n"
    "fn finish_row(z:u32,row:u32,left:u32,at:u32,v:vec4<whole>){\n"
    "if(row >= p.m){\n"
    "return;\n"
    "}\n"
    "if(cols > 0 && left + column(at,0)< p.n){finish(z,row,left + column(at,0),v.x);}\n"
    "if(cols > 1 && left + column(at,1)< p.n){finish(z,row,left + column(at,1),v.y);}\n"
    "if(cols > 2 && left + column(at,2)< p.n){finish(z,row,left + column(at,2),v.z);}\n"
    "if(cols > 3 && left + column(at,3)< p.n){finish(z,row,left + column(at,3),v.w);}\n"
    "}\n"
    "fn domain(x:f32)-> f32{\n"
    "return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);\n"
    "}\n"
    "fn domain_bf16(bits:u32)-> f32{\n"
    "return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);\n"
    "}\n"
    "fn activation_relu(x:f32)-> f32{\n"
    "return select(0.0,x,x > 0.0);\n"
    "}\n"
    "struct Gate{e:f32,r:f32}\n"
    "fn activation_gate(t:u32,far:bool)-> Gate{\n"
    "let g = f32(i32(t & 0x7fffff)- 0x400000);\n"
    "let q = 0x1.5be054p-49 + g *(-0x1.418820p-74 + g *(0x1.c0921ap-100 + g * -0x1.eca6f0p-126));\n"
    "let p = 0x1.6a09e8p-1 + g *(-0x1.f5e45ap-25 + g * q);\n"
    "let e = select(p * bitcast<f32>(0x3f800000 -(t & 0x1f800000)),0.0,far);\n"
    "let bits = clamp(bitcast<u32>(1.0 + e),0x3f800000,0x40000000);\n"
    "let d = bitcast<f32>(bits);\n"
    "let r0 = bitcast<f32>(0x7ef31000 - bits);\n"
    "let r1 = r0 *(2.0 - d * r0);\n"
    "let r2 = r1 *(2.0 - d * r1);\n"
    "let r3 = r2 + r2 *(1.0 - d * r2);\n"
    "return Gate(e,bitcast<f32>(clamp(bitcast<u32>(r3),0x3f000000,0x3f800000)));\n"
    "}\n"
    "fn gated(g:Gate,x:f32)-> f32{\n"
    "return select(g.r,g.e * g.r,bitcast<u32>(x)>= 0x80000000);\n"
    "}\n"
    "fn sigmoid_gate(x:f32)-> Gate{\n"
    "let size = bitcast<u32>(x)& 0x7fffffff;\n"
    "let m = u32(i32(bitcast<f32>(clamp(size,0x32800000,0x42313333))* 0x1p24));\n"
    "let high = m >> 15;\n"
    "let t = high * 23637 +((high * 7573 +(m & 0x7fff)* 47274 + 0x8000)>> 16);\n"
    "return activation_gate(t,size >= 0x42313333);\n"
    "}\n"
    "fn gelu_gate(x:f32)-> Gate{\n"
    "let size = bitcast<u32>(x)& 0x7fffffff;\n"
    "let a = bitcast<f32>(clamp(size,0x32800000,0x40f40000));\n"
    "return activation_gate(u32(i32(a *(19312322.0 + 863550.5 *(a * a)))),size >= 0x40f40000);\n"
    "}\n"
    "fn is_nan(x:f32)-> bool{\n"
    "return(bitcast<u32>(x)& 0x7fffffff)> 0x7f800000;\n"
    "}\n"
    "fn activation_sigmoid(x:f32)-> f32{\n"
    "return select(gated(sigmoid_gate(x),x),x + 1.0,is_nan(x));\n"
    "}\n"
    "fn activation_silu(x:f32)-> f32{\n"
    "return domain(x)* gated(sigmoid_gate(x),x);\n"
    "}\n"
    "fn activation_gelu(x:f32)-> f32{\n"
    "return domain(x)* gated(gelu_gate(x),x);\n"
    "}\n"
    "fn activation_tanh(x:f32)-> f32{\n"
    "return tanh(x);\n"
    "}\n"
    "override activation:u32 = 0;\n"
    "fn activated(x:f32)-> f32{\n"
    "switch(activation){\n"
    "case 1:{return activation_relu(x);}\n"
    "case 2:{return activation_gelu(x);}\n"
    "case 3:{return activation_silu(x);}\n"
    "case 4:{return activation_tanh(x);}\n"
    "case 5:{return activation_sigmoid(x);}\n"
    "default:{return x;}\n"
    "}\n"
    "}\n"
    "override with_bias:bool = false;\n"
    "@group(0)@binding(3)var<storage,read> row_scale:array<f32>;\n"
    "@group(0)@binding(4)var<storage,read> col_scale:array<f32>;\n"
    "@group(0)@binding(5)var<storage,read> bias:array<f32>;\n"
    "@group(0)@binding(6)var<storage,read_write> c:array<f32>;\n"
    "fn finish(z:u32,row:u32,col:u32,sum:i32){\n"
    "var v = f32(sum)* row_scale[z * p.m + row]* col_scale[col];\n"
    "if(with_bias){\n"
    "v = v + bias[col];\n"
    "}\n"
    "c[(z * p.m + row)* p.n + col]= activated(v);\n"
    "}\n"
    "@compute @workgroup_size(x,y)\n"
    "fn matmul_i8_scaled(@builtin(local_invocation_id)local:vec3<u32>,@builtin(local_invocation_index)index:u32,\n"
    "@builtin(workgroup_id)group:vec3<u32>){\n"
    "multiply(local,index,group);\n"
    "}\n"
    ;

static const gw_lib_binding matmul_i8_scaled_bindings[] = {
    {"a", "u32", 0},
    {"b", "u32", 0},
    {"row_scale", "f32", 0},
    {"col_scale", "f32", 0},
    {"bias", "f32", 0},
    {"c", "f32", 1},
};

static const gw_lib_value matmul_i8_scaled_tile[] = {
    {"cols", 4},
    {"depth", 0},
    {"rows", 4},
    {"x", 16},
    {"y", 4},
};

static void matmul_i8_scaled_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = ceil_of((uint64_t)p[1], ((uint64_t)t[3] * (uint64_t)t[0]));
    groups[1] = ceil_of((uint64_t)p[0], ((uint64_t)t[4] * (uint64_t)t[2]));
    groups[2] = (uint64_t)p[3];
}

const gw_lib_op gw_lib_matmul_i8_scaled = {
    "matmul_i8_scaled", matmul_i8_scaled_source, sizeof matmul_i8_scaled_source - 1, 6, 6, 5, matmul_i8_scaled_bindings, matmul_i8_scaled_tile, matmul_i8_scaled_grid,
};

static const char conv2d_source[] =
    "fn domain(x:f32)-> f32{\n"
    "return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);\n"
    "}\n"
    "fn domain_bf16(bits:u32)-> f32{\n"
    "return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);\n"
    "}\n"
    "fn activation_relu(x:f32)-> f32{\n"
    "return select(0.0,x,x > 0.0);\n"
    "}\n"
    "struct Gate{e:f32,r:f32}\n"
    "fn activation_gate(t:u32,far:bool)-> Gate{\n"
    "let g = f32(i32(t & 0x7fffff)- 0x400000);\n"
    "let q = 0x1.5be054p-49 + g *(-0x1.418820p-74 + g *(0x1.c0921ap-100 + g * -0x1.eca6f0p-126));\n"
    "let p = 0x1.6a09e8p-1 + g *(-0x1.f5e45ap-25 + g * q);\n"
    "let e = select(p * bitcast<f32>(0x3f800000 -(t & 0x1f800000)),0.0,far);\n"
    "let bits = clamp(bitcast<u32>(1.0 + e),0x3f800000,0x40000000);\n"
    "let d = bitcast<f32>(bits);\n"
    "let r0 = bitcast<f32>(0x7ef31000 - bits);\n"
    "let r1 = r0 *(2.0 - d * r0);\n"
    "let r2 = r1 *(2.0 - d * r1);\n"
    "let r3 = r2 + r2 *(1.0 - d * r2);\n"
    "return Gate(e,bitcast<f32>(clamp(bitcast<u32>(r3),0x3f000000,0x3f800000)));\n"
    "}\n"
    "fn gated(g:Gate,x:f32)-> f32{\n"
    "return select(g.r,g.e * g.r,bitcast<u32>(x)>= 0x80000000);\n"
    "}\n"
    "fn sigmoid_gate(x:f32)-> Gate{\n"
    "let size = bitcast<u32>(x)& 0x7fffffff;\n"
    "let m = u32(i32(bitcast<f32>(clamp(size,0x32800000,0x42313333))* 0x1p24));\n"
    "let high = m >> 15;\n"
    "let t = high * 23637 +((high * 7573 +(m & 0x7fff)* 47274 + 0x8000)>> 16);\n"
    "return activation_gate(t,size >= 0x42313333);\n"
    "}\n"
    "fn gelu_gate(x:f32)-> Gate{\n"
    "let size = bitcast<u32>(x)& 0x7fffffff;\n"
    "let a = bitcast<f32>(clamp(size,0x32800000,0x40f40000));\n"
    "return activation_gate(u32(i32(a *(19312322.0 + 863550.5 *(a * a)))),size >= 0x40f40000);\n"
    "}\n"
    "fn is_nan(x:f32)-> bool{\n"
    "return(bitcast<u32>(x)& 0x7fffffff)> 0x7f800000;\n"
    "}\n"
    "fn activation_sigmoid(x:f32)-> f32{\n"
    "return select(gated(sigmoid_gate(x),x),x + 1.0,is_nan(x));\n"
    "}\n"
    "fn activation_silu(x:f32)-> f32{\n"
    "return domain(x)* gated(sigmoid_gate(x),x);\n"
    "}\n"
    "fn activation_gelu(x:f32)-> f32{\n"
    "return domain(x)* gated(gelu_gate(x),x);\n"
    "}\n"
    "fn activation_tanh(x:f32)-> f32{\n"
    "return tanh(x);\n"
    "}\n"
    "override activation:u32 = 0;\n"
    "fn activated(x:f32)-> f32{\n"
    "switch(activation){\n"
    "case 1:{return activation_relu(x);}\n"
    "case 2:{return activation_gelu(x);}\n"
    "case 3:{return activation_silu(x);}\n"
    "case 4:{return activation_tanh(x);}\n"
    "case 5:{return activation_sigmoid(x);}\n"
    "default:{return x;}\n"
    "}\n"
    "}\n"
    "override stride_y:u32 = 1;\n"
    "override stride_x:u32 = 1;\n"
    "override dilation_y:u32 = 1;\n"
    "override dilation_x:u32 = 1;\n"
    "override x:u32 = 8;\n"
    "override y:u32 = 4;\n"
    "override rows:u32 = 4;\n"
    "override cols:u32 = 4;\n"
    "override fits:u32 = 1 / u32(rows <= 4 && cols <= 4);\n"
    "struct Params{\n"
    "batch:u32,groups:u32,channels:u32,height:u32,width:u32,filters:u32,out_height:u32,out_width:u32,\n"
    "kernel_y:u32,kernel_x:u32,pad_y:u32,pad_x:u32,\n"
    "}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "struct Place{image:u32,group:u32,channel:u32,row:u32,col:u32}\n"
    "fn place_of(local:vec3<u32>,group:vec3<u32>)-> Place{\n"
    "let tiles =(made()+ y * rows - 1)/(y * rows);\n"
    "return Place(group.z / p.groups,group.z % p.groups,(group.y % tiles * y + local.y)* rows,group.y / tiles,group.x * x * cols + local.x);\n"
    "}\n"
    "fn convolve(at:Place)-> array<vec4<f32>,4>{\n"
    "var total:array<vec4<f32>,4>;\n"
    "let many = fits * max(256 / max(p.kernel_y * p.kernel_x,1),1);\n"
    "for(var first = 0u;first < through();first += many){\n"
    "var sum:array<vec4<f32>,4>;\n"
    "let end = min(through(),first + many);\n"
    "for(var c = first;c < end;c++){\n"
    "for(var ky = 0u;ky < p.kernel_y;ky++){\n"
    "for(var kx = 0u;kx < p.kernel_x;kx++){\n"
    "let t = vec4(image_at(at,c,ky,kx,at.col),image_at(at,c,ky,kx,at.col + x),\n"
    "image_at(at,c,ky,kx,at.col + 2 * x),image_at(at,c,ky,kx,at.col + 3 * x));\n"
    "sum[0]+= weight_at(at,c,at.channel,ky,kx)* t;\n"
    "sum[1]+= weight_at(at,c,at.channel + 1,ky,kx)* t;\n"
    "sum[2]+= weight_at(at,c,at.channel + 2,ky,kx)* t;\n"
    "sum[3]+= weight_at(at,c,at.channel + 3,ky,kx)* t;\n"
    "}\n"
    "}\n"
    "}\n"
    "total[0]+= sum[0];\n"
    "total[1]+= sum[1];\n"
    "total[2]+= sum[2];\n"
    "total[3]+= sum[3];\n"
    "}\n"
    "return total;\n"
    "}\n"
    "fn store_row(at:Place,row:u32,wide:u32,v:vec4<f32>){\n"
    "let channel = at.channel + row;\n"
    "if(channel >= made()){\n"
    "return;\n"
    "}\n"
    "if(cols > 0 && at.col < wide){finish(at,channel,at.col,v.x);}\n"
    "if(cols > 1 && at.col + x < wide){finish(at,channel,at.col + x,v.y);}\n"
    "if(cols > 2 && at.col + 2 * x < wide){finish(at,channel,at.col + 2 * x,v.z);}\n"
    "if(cols > 3 && at.col + 3 * x < wide){finish(at,channel,at.col + 3 * x,v.w);}\n"
    "}\n"
    "fn store(at:Place,wide:u32,v:array<vec4<f32>,4>){\n"
    "if(rows > 0){store_row(at,0,wide,v[0]);}\n"
    "if(rows > 1){store_row(at,1,wide,v[1]);}\n"
    "if(rows > 2){store_row(at,2,wide,v[2]);}\n"
    "if(rows > 3){store_row(at,3,wide,v[3]);}\n"
    "}\n"
    "override with_bias:bool = false;\n"
    "@group(0)@binding(1)var<storage,read> image:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read> weight:array<f32>;\n"
    "@group(0)@binding(3)var<storage,read> bias:array<f32>;\n"
    "@group(0)@binding(4)var<storage,read_write> out:array<f32>;\n"
    "fn through()-> u32{\n"
    "return p.channels / p.groups;\n"
    "}\n"
    "fn made()-> u32{\n"
    "return p.filters / p.groups;\n"
    "}\n"
    "fn image_at(at:Place,c:u32,ky:u32,kx:u32,col:u32)-> f32{\n"
    "let iy = at.row * stride_y + ky * dilation_y - p.pad_y;\n"
    "let ix = col * stride_x + kx * dilation_x - p.pad_x;\n"
    "let channel = at.image * p.channels + at.group * through()+ c;\n"
    "return select(0.0,domain(image[(channel * p.height + iy)* p.width + ix]),iy < p.height && ix < p.width);\n"
    "}\n"
    "fn weight_at(at:Place,c:u32,channel:u32,ky:u32,kx:u32)-> f32{\n"
    "let filter_row =(at.group * made()+ channel)* through()+ c;\n"
    "return domain(weight[(filter_row * p.kernel_y + ky)* p.kernel_x + kx]);\n"
    "}\n"
    "fn finish(at:Place,channel:u32,col:u32,sum:f32){\n"
    "let f = at.group * made()+ channel;\n"
    "var v = sum;\n"
    "if(with_bias){\n"
    "v = v + bias[f];\n"
    "}\n"
    "out[((at.image * p.filters + f)* p.out_height + at.row)* p.out_width + col]= activated(v);\n"
    "}\n"
    "@compute @workgroup_size(x,y)\n"
    "fn conv2d(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>){\n"
    "let at = place_of(local,group);\n"
    "store(at,p.out_width,convolve(at));\n"
    "}\n"
    ;

static const gw_lib_binding conv2d_bindings[] = {
    {"image", "f32", 0},
    {"weight", "f32", 0},
    {"bias", "f32", 0},
    {"out", "f32", 1},
};

static const gw_lib_value conv2d_tile[] = {
    {"cols", 4},
    {"rows", 4},
    {"x", 8},
    {"y", 4},
};

static void conv2d_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = ceil_of((uint64_t)p[7], ((uint64_t)t[2] * (uint64_t)t[0]));
    groups[1] = ((uint64_t)p[6] * ceil_of(((uint64_t)p[5] / max_of((uint64_t)p[1], 1)), ((uint64_t)t[3] * (uint64_t)t[1])));
    groups[2] = ((uint64_t)p[0] * max_of((uint64_t)p[1], 1));
}

const gw_lib_op gw_lib_conv2d = {
    "conv2d", conv2d_source, sizeof conv2d_source - 1, 12, 4, 4, conv2d_bindings, conv2d_tile, conv2d_grid,
};

static const char conv2d_grad_input_source[] =
    "fn domain(x:f32)-> f32{\n"
    "return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);\n"
    "}\n"
    "fn domain_bf16(bits:u32)-> f32{\n"
    "return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);\n"
    "}\n"
    "override stride_y:u32 = 1;\n"
    "override stride_x:u32 = 1;\n"
    "override dilation_y:u32 = 1;\n"
    "override dilation_x:u32 = 1;\n"
    "override x:u32 = 8;\n"
    "override y:u32 = 4;\n"
    "override rows:u32 = 4;\n"
    "override cols:u32 = 4;\n"
    "override fits:u32 = 1 / u32(rows <= 4 && cols <= 4);\n"
    "struct Params{\n"
    "batch:u32,groups:u32,channels:u32,height:u32,width:u32,filters:u32,out_height:u32,out_width:u32,\n"
    "kernel_y:u32,kernel_x:u32,pad_y:u32,pad_x:u32,\n"
    "}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "struct Place{image:u32,group:u32,channel:u32,row:u32,col:u32}\n"
    "fn place_of(local:vec3<u32>,group:vec3<u32>)-> Place{\n"
    "let tiles =(made()+ y * rows - 1)/(y * rows);\n"
    "return Place(group.z / p.groups,group.z % p.groups,(group.y % tiles * y + local.y)* rows,group.y / tiles,group.x * x * cols + local.x);\n"
    "}\n"
    "fn convolve(at:Place)-> array<vec4<f32>,4>{\n"
    "var total:array<vec4<f32>,4>;\n"
    "let many = fits * max(256 / max(p.kernel_y * p.kernel_x,1),1);\n"
    "for(var first = 0u;first < through();first += many){\n"
    "var sum:array<vec4<f32>,4>;\n"
    "let end = min(through(),first + many);\n"
    "for(var c = first;c < end;c++){\n"
    "for(var ky = 0u;ky < p.kernel_y;ky++){\n"
    "for(var kx = 0u;kx < p.kernel_x;kx++){\n"
    "let t = vec4(image_at(at,c,ky,kx,at.col),image_at(at,c,ky,kx,at.col + x),\n"
    "image_at(at,c,ky,kx,at.col + 2 * x),image_at(at,c,ky,kx,at.col + 3 * x));\n"
    "sum[0]+= weight_at(at,c,at.channel,ky,kx)* t;\n"
    "sum[1]+= weight_at(at,c,at.channel + 1,ky,kx)* t;\n"
    "sum[2]+= weight_at(at,c,at.channel + 2,ky,kx)* t;\n"
    "sum[3]+= weight_at(at,c,at.channel + 3,ky,kx)* t;\n"
    "}\n"
    "}\n"
    "}\n"
    "total[0]+= sum[0];\n"
    "total[1]+= sum[1];\n"
    "total[2]+= sum[2];\n"
    "total[3]+= sum[3];\n"
    "}\n"
    "return total;\n"
    "}\n"
    "fn store_row(at:Place,row:u32,wide:u32,v:vec4<f32>){\n"
    "let channel = at.channel + row;\n"
    "if(channel >= made()){\n"
    "return;\n"
    "}\n"
    "if(cols > 0 && at.col < wide){finish(at,channel,at.col,v.x);}\n"
    "if(cols > 1 && at.col + x < wide){finish(at,channel,at.col + x,v.y);}\n"
    "if(cols > 2 && at.col + 2 * x < wide){finish(at,channel,at.col + 2 * x,v.z);}\n"
    "if(cols > 3 && at.col + 3 * x < wide){finish(at,channel,at.col + 3 * x,v.w);}\n"
    "}\n"
    "fn store(at:Place,wide:u32,v:array<vec4<f32>,4>){\n"
    "if(rows > 0){store_row(at,0,wide,v[0]);}\n"
    "if(rows > 1){store_row(at,1,wide,v[1]);}\n"
    "if(rows > 2){store_row(at,2,wide,v[2]);}\n"
    "if(rows > 3){store_row(at,3,wide,v[3]);}\n"
    "}\n"
    "override accumulate:bool = false;\n"
    "@group(0)@binding(1)var<storage,read> grad:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read> weight:array<f32>;\n"
    "@group(0)@binding(3)var<storage,read_write> image_grad:array<f32>;\n"
    "fn through()-> u32{\n"
    "return p.filters / p.groups;\n"
    "}\n"
    "fn made()-> u32{\n"
    "return p.channels / p.groups;\n"
    "}\n"
    "fn image_at(at:Place,c:u32,ky:u32,kx:u32,col:u32)-> f32{\n"
    "let down = at.row + p.pad_y - ky * dilation_y;\n"
    "let right = col + p.pad_x - kx * dilation_x;\n"
    "let oy = down / stride_y;\n"
    "let ox = right / stride_x;\n"
    "let hit = down % stride_y == 0 && right % stride_x == 0 && down < p.out_height * stride_y && right < p.out_width * stride_x;\n"
    "let channel = at.image * p.filters + at.group * through()+ c;\n"
    "return select(0.0,domain(grad[(channel * p.out_height + oy)* p.out_width + ox]),hit);\n"
    "}\n"
    "fn weight_at(at:Place,c:u32,channel:u32,ky:u32,kx:u32)-> f32{\n"
    "let filter_row =(at.group * through()+ c)* made()+ channel;\n"
    "return domain(weight[(filter_row * p.kernel_y + ky)* p.kernel_x + kx]);\n"
    "}\n"
    "fn finish(at:Place,channel:u32,col:u32,sum:f32){\n"
    "let i =((at.image * p.channels + at.group * made()+ channel)* p.height + at.row)* p.width + col;\n"
    "var v = sum;\n"
    "if(accumulate){\n"
    "v = image_grad[i]+ v;\n"
    "}\n"
    "image_grad[i]= v;\n"
    "}\n"
    "@compute @workgroup_size(x,y)\n"
    "fn conv2d_grad_input(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>){\n"
    "let at = place_of(local,group);\n"
    "store(at,p.width,convolve(at));\n"
    "}\n"
    ;

static const gw_lib_binding conv2d_grad_input_bindings[] = {
    {"grad", "f32", 0},
    {"weight", "f32", 0},
    {"image_grad", "f32", 1},
};

static const gw_lib_value conv2d_grad_input_tile[] = {
    {"cols", 4},
    {"rows", 4},
    {"x", 8},
    {"y", 4},
};

static void conv2d_grad_input_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = ceil_of((uint64_t)p[4], ((uint64_t)t[2] * (uint64_t)t[0]));
    groups[1] = ((uint64_t)p[3] * ceil_of(((uint64_t)p[2] / max_of((uint64_t)p[1], 1)), ((uint64_t)t[3] * (uint64_t)t[1])));
    groups[2] = ((uint64_t)p[0] * max_of((uint64_t)p[1], 1));
}

const gw_lib_op gw_lib_conv2d_grad_input = {
    "conv2d_grad_input", conv2d_grad_input_source, sizeof conv2d_grad_input_source - 1, 12, 3, 4, conv2d_grad_input_bindings, conv2d_grad_input_tile, conv2d_grad_input_grid,
};

static const char conv2d_grad_weight_source[] =
    "fn domain(x:f32)-> f32{\n"
    "return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);\n"
    "}\n"
    "fn domain_bf16(bits:u32)-> f32{\n"
    "return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);\n"
    "}\n"
    "override accumulate:bool = false;\n"
    "override stride_y:u32 = 1;\n"
    "override stride_x:u32 = 1;\n"
    "override dilation_y:u32 = 1;\n"
    "override dilation_x:u32 = 1;\n"
    "override x:u32 = 16;\n"
    "override y:u32 = 4;\n"
    "override rows:u32 = 4;\n"
    "override cols:u32 = 4;\n"
    "override fits:u32 = 1 / u32(rows <= 4 && cols <= 4);\n"
    "struct Params{\n"
    "batch:u32,groups:u32,channels:u32,height:u32,width:u32,filters:u32,out_height:u32,out_width:u32,\n"
    "kernel_y:u32,kernel_x:u32,pad_y:u32,pad_x:u32,\n"
    "}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> image:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read> grad:array<f32>;\n"
    "@group(0)@binding(3)var<storage,read_write> weight_grad:array<f32>;\n"
    "struct Tap{channel:u32,down:u32,right:u32}\n"
    "fn tap(group:u32,i:u32)-> Tap{\n"
    "let kx = i % p.kernel_x;\n"
    "let ky = i / p.kernel_x % p.kernel_y;\n"
    "let c = i / p.kernel_x / p.kernel_y;\n"
    "return Tap(group *(p.channels / p.groups)+ c,ky * dilation_y - p.pad_y,kx * dilation_x - p.pad_x);\n"
    "}\n"
    "fn image_at(n:u32,t:Tap,oy:u32,ox:u32)-> f32{\n"
    "let iy = oy * stride_y + t.down;\n"
    "let ix = ox * stride_x + t.right;\n"
    "return select(0.0,domain(image[((n * p.channels + t.channel)* p.height + iy)* p.width + ix]),iy < p.height && ix < p.width);\n"
    "}\n"
    "fn grad_at(n:u32,f:u32,oy:u32,ox:u32)-> f32{\n"
    "return domain(grad[((n * p.filters + f)* p.out_height + oy)* p.out_width + ox]);\n"
    "}\n"
    "fn finish(f:u32,i:u32,weights:u32,sum:f32){\n"
    "if(i >= weights){\n"
    "return;\n"
    "}\n"
    "let at = f * weights + i;\n"
    "var v = sum;\n"
    "if(accumulate){\n"
    "v = weight_grad[at]+ v;\n"
    "}\n"
    "weight_grad[at]= v;\n"
    "}\n"
    "fn finish_row(group:u32,row:u32,i:u32,v:vec4<f32>){\n"
    "let made = p.filters / p.groups;\n"
    "if(row >= made){\n"
    "return;\n"
    "}\n"
    "let f = group * made + row;\n"
    "let weights = p.channels / p.groups * p.kernel_y * p.kernel_x;\n"
    "if(cols > 0){finish(f,i,weights,v.x);}\n"
    "if(cols > 1){finish(f,i + x,weights,v.y);}\n"
    "if(cols > 2){finish(f,i + 2 * x,weights,v.z);}\n"
    "if(cols > 3){finish(f,i + 3 * x,weights,v.w);}\n"
    "}\n"
    "@compute @workgroup_size(x,y)\n"
    "fn conv2d_grad_weight(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>){\n"
    "let i = group.x * x * cols + local.x;\n"
    "let row = fits *(group.y * y + local.y)* rows;\n"
    "let f = group.z *(p.filters / p.groups)+ row;\n"
    "let t0 = tap(group.z,i);\n"
    "let t1 = tap(group.z,i + x);\n"
    "let t2 = tap(group.z,i + 2 * x);\n"
    "let t3 = tap(group.z,i + 3 * x);\n"
    "var total:array<vec4<f32>,4>;\n"
    "for(var n = 0u;n < p.batch;n++){\n"
    "var plane:array<vec4<f32>,4>;\n"
    "for(var oy = 0u;oy < p.out_height;oy++){\n"
    "var line:array<vec4<f32>,4>;\n"
    "for(var ox = 0u;ox < p.out_width;ox++){\n"
    "let t = vec4(image_at(n,t0,oy,ox),image_at(n,t1,oy,ox),image_at(n,t2,oy,ox),image_at(n,t3,oy,ox));\n"
    "line[0]+= grad_at(n,f,oy,ox)* t;\n"
    "line[1]+= grad_at(n,f + 1,oy,ox)* t;\n"
    "line[2]+= grad_at(n,f + 2,oy,ox)* t;\n"
    "line[3]+= grad_at(n,f + 3,oy,ox)* t;\n"
    "}\n"
    "plane[0]+= line[0];\n"
    "plane[1]+= line[1];\n"
    "plane[2]+= line[2];\n"
    "plane[3]+= line[3];\n"
    "}\n"
    "total[0]+= plane[0];\n"
    "total[1]+= plane[1];\n"
    "total[2]+= plane[2];\n"
    "total[3]+= plane[3];\n"
    "}\n"
    "if(rows > 0){finish_row(group.z,row,i,total[0]);}\n"
    "if(rows > 1){finish_row(group.z,row + 1,i,total[1]);}\n"
    "if(rows > 2){finish_row(group.z,row + 2,i,total[2]);}\n"
    "if(rows > 3){finish_row(group.z,row + 3,i,total[3]);}\n"
    "}\n"
    ;

static const gw_lib_binding conv2d_grad_weight_bindings[] = {
    {"image", "f32", 0},
    {"grad", "f32", 0},
    {"weight_grad", "f32", 1},
};

static const gw_lib_value conv2d_grad_weight_tile[] = {
    {"cols", 4},
    {"rows", 4},
    {"x", 16},
    {"y", 4},
};

static void conv2d_grad_weight_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = ceil_of(((((uint64_t)p[2] / max_of((uint64_t)p[1], 1)) * (uint64_t)p[8]) * (uint64_t)p[9]), ((uint64_t)t[2] * (uint64_t)t[0]));
    groups[1] = ceil_of(((uint64_t)p[5] / max_of((uint64_t)p[1], 1)), ((uint64_t)t[3] * (uint64_t)t[1]));
    groups[2] = max_of((uint64_t)p[1], 1);
}

const gw_lib_op gw_lib_conv2d_grad_weight = {
    "conv2d_grad_weight", conv2d_grad_weight_source, sizeof conv2d_grad_weight_source - 1, 12, 3, 4, conv2d_grad_weight_bindings, conv2d_grad_weight_tile, conv2d_grad_weight_grid,
};

static const char activate_source[] =
    "override size:u32 = 64;\n"
    "fn point_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{\n"
    "return(group.y * groups.x + group.x)* size + local;\n"
    "}\n"
    "fn domain(x:f32)-> f32{\n"
    "return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);\n"
    "}\n"
    "fn domain_bf16(bits:u32)-> f32{\n"
    "return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);\n"
    "}\n"
    "fn activation_relu(x:f32)-> f32{\n"
    "return select(0.0,x,x > 0.0);\n"
    "}\n"
    "struct Gate{e:f32,r:f32}\n"
    "fn activation_gate(t:u32,far:bool)-> Gate{\n"
    "let g = f32(i32(t & 0x7fffff)- 0x400000);\n"
    "let q = 0x1.5be054p-49 + g *(-0x1.418820p-74 + g *(0x1.c0921ap-100 + g * -0x1.eca6f0p-126));\n"
    "let p = 0x1.6a09e8p-1 + g *(-0x1.f5e45ap-25 + g * q);\n"
    "let e = select(p * bitcast<f32>(0x3f800000 -(t & 0x1f800000)),0.0,far);\n"
    "let bits = clamp(bitcast<u32>(1.0 + e),0x3f800000,0x40000000);\n"
    "let d = bitcast<f32>(bits);\n"
    "let r0 = bitcast<f32>(0x7ef31000 - bits);\n"
    "let r1 = r0 *(2.0 - d * r0);\n"
    "let r2 = r1 *(2.0 - d * r1);\n"
    "let r3 = r2 + r2 *(1.0 - d * r2);\n"
    "return Gate(e,bitcast<f32>(clamp(bitcast<u32>(r3),0x3f000000,0x3f800000)));\n"
    "}\n"
    "fn gated(g:Gate,x:f32)-> f32{\n"
    "return select(g.r,g.e * g.r,bitcast<u32>(x)>= 0x80000000);\n"
    "}\n"
    "fn sigmoid_gate(x:f32)-> Gate{\n"
    "let size = bitcast<u32>(x)& 0x7fffffff;\n"
    "let m = u32(i32(bitcast<f32>(clamp(size,0x32800000,0x42313333))* 0x1p24));\n"
    "let high = m >> 15;\n"
    "let t = high * 23637 +((high * 7573 +(m & 0x7fff)* 47274 + 0x8000)>> 16);\n"
    "return activation_gate(t,size >= 0x42313333);\n"
    "}\n"
    "fn gelu_gate(x:f32)-> Gate{\n"
    "let size = bitcast<u32>(x)& 0x7fffffff;\n"
    "let a = bitcast<f32>(clamp(size,0x32800000,0x40f40000));\n"
    "return activation_gate(u32(i32(a *(19312322.0 + 863550.5 *(a * a)))),size >= 0x40f40000);\n"
    "}\n"
    "fn is_nan(x:f32)-> bool{\n"
    "return(bitcast<u32>(x)& 0x7fffffff)> 0x7f800000;\n"
    "}\n"
    "fn activation_sigmoid(x:f32)-> f32{\n"
    "return select(gated(sigmoid_gate(x),x),x + 1.0,is_nan(x));\n"
    "}\n"
    "fn activation_silu(x:f32)-> f32{\n"
    "return domain(x)* gated(sigmoid_gate(x),x);\n"
    "}\n"
    "fn activation_gelu(x:f32)-> f32{\n"
    "return domain(x)* gated(gelu_gate(x),x);\n"
    "}\n"
    "fn activation_tanh(x:f32)-> f32{\n"
    "return tanh(x);\n"
    "}\n"
    "override activation:u32 = 0;\n"
    "fn activated(x:f32)-> f32{\n"
    "switch(activation){\n"
    "case 1:{return activation_relu(x);}\n"
    "case 2:{return activation_gelu(x);}\n"
    "case 3:{return activation_silu(x);}\n"
    "case 4:{return activation_tanh(x);}\n"
    "case 5:{return activation_sigmoid(x);}\n"
    "default:{return x;}\n"
    "}\n"
    "}\n"
    "struct Params{n:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> x:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read_write> y:array<f32>;\n"
    "@compute @workgroup_size(size)\n"
    "fn activate(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "let i = point_of(local,group,groups);\n"
    "if(i >= p.n){\n"
    "return;\n"
    "}\n"
    "y[i]= activated(x[i]);\n"
    "}\n"
    ;

static const gw_lib_binding activate_bindings[] = {
    {"x", "f32", 0},
    {"y", "f32", 1},
};

static const gw_lib_value activate_tile[] = {
    {"size", 64},
};

static void activate_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535);
    groups[1] = max_of(ceil_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_activate = {
    "activate", activate_source, sizeof activate_source - 1, 1, 2, 1, activate_bindings, activate_tile, activate_grid,
};

static const char activate_grad_source[] =
    "override size:u32 = 64;\n"
    "fn point_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{\n"
    "return(group.y * groups.x + group.x)* size + local;\n"
    "}\n"
    "fn domain(x:f32)-> f32{\n"
    "return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);\n"
    "}\n"
    "fn domain_bf16(bits:u32)-> f32{\n"
    "return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);\n"
    "}\n"
    "fn activation_relu(x:f32)-> f32{\n"
    "return select(0.0,x,x > 0.0);\n"
    "}\n"
    "struct Gate{e:f32,r:f32}\n"
    "fn activation_gate(t:u32,far:bool)-> Gate{\n"
    "let g = f32(i32(t & 0x7fffff)- 0x400000);\n"
    "let q = 0x1.5be054p-49 + g *(-0x1.418820p-74 + g *(0x1.c0921ap-100 + g * -0x1.eca6f0p-126));\n"
    "let p = 0x1.6a09e8p-1 + g *(-0x1.f5e45ap-25 + g * q);\n"
    "let e = select(p * bitcast<f32>(0x3f800000 -(t & 0x1f800000)),0.0,far);\n"
    "let bits = clamp(bitcast<u32>(1.0 + e),0x3f800000,0x40000000);\n"
    "let d = bitcast<f32>(bits);\n"
    "let r0 = bitcast<f32>(0x7ef31000 - bits);\n"
    "let r1 = r0 *(2.0 - d * r0);\n"
    "let r2 = r1 *(2.0 - d * r1);\n"
    "let r3 = r2 + r2 *(1.0 - d * r2);\n"
    "return Gate(e,bitcast<f32>(clamp(bitcast<u32>(r3),0x3f000000,0x3f800000)));\n"
    "}\n"
    "fn gated(g:Gate,x:f32)-> f32{\n"
    "return select(g.r,g.e * g.r,bitcast<u32>(x)>= 0x80000000);\n"
    "}\n"
    "fn sigmoid_gate(x:f32)-> Gate{\n"
    "let size = bitcast<u32>(x)& 0x7fffffff;\n"
    "let m = u32(i32(bitcast<f32>(clamp(size,0x32800000,0x42313333))* 0x1p24));\n"
    "let high = m >> 15;\n"
    "let t = high * 23637 +((high * 7573 +(m & 0x7fff)* 47274 + 0x8000)>> 16);\n"
    "return activation_gate(t,size >= 0x42313333);\n"
    "}\n"
    "fn gelu_gate(x:f32)-> Gate{\n"
    "let size = bitcast<u32>(x)& 0x7fffffff;\n"
    "let a = bitcast<f32>(clamp(size,0x32800000,0x40f40000));\n"
    "return activation_gate(u32(i32(a *(19312322.0 + 863550.5 *(a * a)))),size >= 0x40f40000);\n"
    "}\n"
    "fn is_nan(x:f32)-> bool{\n"
    "return(bitcast<u32>(x)& 0x7fffffff)> 0x7f800000;\n"
    "}\n"
    "fn activation_sigmoid(x:f32)-> f32{\n"
    "return select(gated(sigmoid_gate(x),x),x + 1.0,is_nan(x));\n"
    "}\n"
    "fn activation_silu(x:f32)-> f32{\n"
    "return domain(x)* gated(sigmoid_gate(x),x);\n"
    "}\n"
    "fn activation_gelu(x:f32)-> f32{\n"
    "return domain(x)* gated(gelu_gate(x),x);\n"
    "}\n"
    "fn activation_tanh(x:f32)-> f32{\n"
    "return tanh(x);\n"
    "}\n"
    "override activation:u32 = 0;\n"
    "fn activated(x:f32)-> f32{\n"
    "switch(activation){\n"
    "case 1:{return activation_relu(x);}\n"
    "case 2:{return activation_gelu(x);}\n"
    "case 3:{return activation_silu(x);}\n"
    "case 4:{return activation_tanh(x);}\n"
    "case 5:{return activation_sigmoid(x);}\n"
    "default:{return x;}\n"
    "}\n"
    "}\n"
    "fn gate_slope(g:Gate)-> f32{\n"
    "return g.e * g.r * g.r;\n"
    "}\n"
    "fn sigmoid_slope(x:f32)-> f32{\n"
    "return select(gate_slope(sigmoid_gate(x)),x + 1.0,is_nan(x));\n"
    "}\n"
    "fn gated_slope(x:f32,g:Gate,dz:f32)-> f32{\n"
    "return gated(g,x)+ select(0.0,domain(domain(x)* gate_slope(g))* domain(dz),g.e > 0.0 || is_nan(x));\n"
    "}\n"
    "fn activation_slope(x:f32)-> f32{\n"
    "switch(activation){\n"
    "case 1:{return select(0.0,1.0,x > 0.0);}\n"
    "case 2:{\n"
    "let v = domain(x);\n"
    "return gated_slope(x,gelu_gate(x),1.5957691216057308 + 0.21406444884775338 * domain(v * v));\n"
    "}\n"
    "case 3:{return gated_slope(x,sigmoid_gate(x),1.0);}\n"
    "case 4:{return 4.0 * sigmoid_slope(2.0 * domain(x));}\n"
    "case 5:{return sigmoid_slope(x);}\n"
    "default:{return 1.0;}\n"
    "}\n"
    "}\n"
    "struct Params{n:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> x:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read> dy:array<f32>;\n"
    "@group(0)@binding(3)var<storage,read_write> dx:array<f32>;\n"
    "@compute @workgroup_size(size)\n"
    "fn activate_grad(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "let i = point_of(local,group,groups);\n"
    "if(i >= p.n){\n"
    "return;\n"
    "}\n"
    "dx[i]= domain(activation_slope(x[i]))* domain(dy[i]);\n"
    "}\n"
    ;

static const gw_lib_binding activate_grad_bindings[] = {
    {"x", "f32", 0},
    {"dy", "f32", 0},
    {"dx", "f32", 1},
};

static const gw_lib_value activate_grad_tile[] = {
    {"size", 64},
};

static void activate_grad_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535);
    groups[1] = max_of(ceil_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_activate_grad = {
    "activate_grad", activate_grad_source, sizeof activate_grad_source - 1, 1, 3, 1, activate_grad_bindings, activate_grad_tile, activate_grad_grid,
};

static const char add_source[] =
    "override size:u32 = 64;\n"
    "fn point_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{\n"
    "return(group.y * groups.x + group.x)* size + local;\n"
    "}\n"
    "struct Params{n:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> x:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read> y:array<f32>;\n"
    "@group(0)@binding(3)var<storage,read_write> z:array<f32>;\n"
    "@compute @workgroup_size(size)\n"
    "fn add(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "let i = point_of(local,group,groups);\n"
    "if(i >= p.n){\n"
    "return;\n"
    "}\n"
    "z[i]= x[i]+ y[i];\n"
    "}\n"
    ;

static const gw_lib_binding add_bindings[] = {
    {"x", "f32", 0},
    {"y", "f32", 0},
    {"z", "f32", 1},
};

static const gw_lib_value add_tile[] = {
    {"size", 64},
};

static void add_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535);
    groups[1] = max_of(ceil_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_add = {
    "add", add_source, sizeof add_source - 1, 1, 3, 1, add_bindings, add_tile, add_grid,
};

static const char mul_source[] =
    "override size:u32 = 64;\n"
    "fn point_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{\n"
    "return(group.y * groups.x + group.x)* size + local;\n"
    "}\n"
    "struct Params{n:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> x:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read> y:array<f32>;\n"
    "@group(0)@binding(3)var<storage,read_write> z:array<f32>;\n"
    "@compute @workgroup_size(size)\n"
    "fn mul(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "let i = point_of(local,group,groups);\n"
    "if(i >= p.n){\n"
    "return;\n"
    "}\n"
    "z[i]= x[i]* y[i];\n"
    "}\n"
    ;

static const gw_lib_binding mul_bindings[] = {
    {"x", "f32", 0},
    {"y", "f32", 0},
    {"z", "f32", 1},
};

static const gw_lib_value mul_tile[] = {
    {"size", 64},
};

static void mul_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535);
    groups[1] = max_of(ceil_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_mul = {
    "mul", mul_source, sizeof mul_source - 1, 1, 3, 1, mul_bindings, mul_tile, mul_grid,
};

static const char scale_source[] =
    "override size:u32 = 64;\n"
    "fn point_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{\n"
    "return(group.y * groups.x + group.x)* size + local;\n"
    "}\n"
    "struct Params{n:u32,a:f32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> x:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read_write> y:array<f32>;\n"
    "@compute @workgroup_size(size)\n"
    "fn scale(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "let i = point_of(local,group,groups);\n"
    "if(i >= p.n){\n"
    "return;\n"
    "}\n"
    "y[i]= p.a * x[i];\n"
    "}\n"
    ;

static const gw_lib_binding scale_bindings[] = {
    {"x", "f32", 0},
    {"y", "f32", 1},
};

static const gw_lib_value scale_tile[] = {
    {"size", 64},
};

static void scale_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535);
    groups[1] = max_of(ceil_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_scale = {
    "scale", scale_source, sizeof scale_source - 1, 2, 2, 1, scale_bindings, scale_tile, scale_grid,
};

static const char axpy_source[] =
    "override size:u32 = 64;\n"
    "fn point_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{\n"
    "return(group.y * groups.x + group.x)* size + local;\n"
    "}\n"
    "struct Params{n:u32,a:f32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> x:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read> y:array<f32>;\n"
    "@group(0)@binding(3)var<storage,read_write> z:array<f32>;\n"
    "@compute @workgroup_size(size)\n"
    "fn axpy(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "let i = point_of(local,group,groups);\n"
    "if(i >= p.n){\n"
    "return;\n"
    "}\n"
    "z[i]= p.a * x[i]+ y[i];\n"
    "}\n"
    ;

static const gw_lib_binding axpy_bindings[] = {
    {"x", "f32", 0},
    {"y", "f32", 0},
    {"z", "f32", 1},
};

static const gw_lib_value axpy_tile[] = {
    {"size", 64},
};

static void axpy_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535);
    groups[1] = max_of(ceil_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_axpy = {
    "axpy", axpy_source, sizeof axpy_source - 1, 2, 3, 1, axpy_bindings, axpy_tile, axpy_grid,
};

static const char bias_add_source[] =
    "override size:u32 = 64;\n"
    "fn rows_before(group:vec3<u32>,groups:vec3<u32>,each:u32)-> u32{\n"
    "return(group.z * groups.y + group.y)* each;\n"
    "}\n"
    "override each:u32 = 8;\n"
    "struct Params{rows:u32,n:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> x:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read> b:array<f32>;\n"
    "@group(0)@binding(3)var<storage,read_write> y:array<f32>;\n"
    "@compute @workgroup_size(size)\n"
    "fn bias_add(@builtin(global_invocation_id)id:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "let c = id.x;\n"
    "if(c >= p.n){\n"
    "return;\n"
    "}\n"
    "let v = b[c];\n"
    "let first = rows_before(group,groups,each);\n"
    "let last = min(first + each,p.rows);\n"
    "for(var r = first;r < last;r++){\n"
    "y[r * p.n + c]= x[r * p.n + c]+ v;\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding bias_add_bindings[] = {
    {"x", "f32", 0},
    {"b", "f32", 0},
    {"y", "f32", 1},
};

static const gw_lib_value bias_add_tile[] = {
    {"each", 8},
    {"size", 64},
};

static void bias_add_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = ceil_of((uint64_t)p[1], (uint64_t)t[1]);
    groups[1] = min_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535);
    groups[2] = max_of(ceil_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535), 1);
}

const gw_lib_op gw_lib_bias_add = {
    "bias_add", bias_add_source, sizeof bias_add_source - 1, 2, 3, 2, bias_add_bindings, bias_add_tile, bias_add_grid,
};

static const char broadcast_source[] =
    "override size:u32 = 64;\n"
    "fn rows_before(group:vec3<u32>,groups:vec3<u32>,each:u32)-> u32{\n"
    "return(group.z * groups.y + group.y)* each;\n"
    "}\n"
    "override each:u32 = 8;\n"
    "struct Params{rows:u32,n:u32,factor:f32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> v:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read_write> y:array<f32>;\n"
    "override columns:bool = false;\n"
    "@compute @workgroup_size(size)\n"
    "fn broadcast(@builtin(global_invocation_id)id:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "let c = id.x;\n"
    "if(c >= p.n){\n"
    "return;\n"
    "}\n"
    "let first = rows_before(group,groups,each);\n"
    "let last = min(first + each,p.rows);\n"
    "for(var r = first;r < last;r++){\n"
    "y[r * p.n + c]= v[select(r,c,columns)]* p.factor;\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding broadcast_bindings[] = {
    {"v", "f32", 0},
    {"y", "f32", 1},
};

static const gw_lib_value broadcast_tile[] = {
    {"each", 8},
    {"size", 64},
};

static void broadcast_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = ceil_of((uint64_t)p[1], (uint64_t)t[1]);
    groups[1] = min_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535);
    groups[2] = max_of(ceil_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535), 1);
}

const gw_lib_op gw_lib_broadcast = {
    "broadcast", broadcast_source, sizeof broadcast_source - 1, 3, 2, 2, broadcast_bindings, broadcast_tile, broadcast_grid,
};

static const char softmax_source[] =
    "fn infinity()-> f32{\n"
    "let bits = 0x7f800000u;\n"
    "return bitcast<f32>(bits);\n"
    "}\n"
    "fn not_a_number()-> f32{\n"
    "let bits = 0x7fc00000u;\n"
    "return bitcast<f32>(bits);\n"
    "}\n"
    "fn domain(x:f32)-> f32{\n"
    "return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);\n"
    "}\n"
    "fn domain_bf16(bits:u32)-> f32{\n"
    "return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);\n"
    "}\n"
    "fn addend(x:f32)-> f32{\n"
    "return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x0c800000);\n"
    "}\n"
    "fn weight(e:f32)-> f32{\n"
    "return select(0.0,e,(bitcast<u32>(e)& 0x7fffffff)>= 0x10800000);\n"
    "}\n"
    "fn share(r:f32)-> f32{\n"
    "return select(0.0,r,(bitcast<u32>(r)& 0x7fffffff)>= 0x2f800000);\n"
    "}\n"
    "override width:u32 = 32;\n"
    "override rows:u32 = 2;\n"
    "struct Row{\n"
    "index:u32,\n"
    "there:bool,\n"
    "start:u32,\n"
    "n:u32,\n"
    "slot:u32,\n"
    "lane:u32,\n"
    "}\n"
    "fn row_of(local:vec3<u32>,group:vec3<u32>,groups:vec3<u32>,count:u32,n:u32)-> Row{\n"
    "let index =(group.y * groups.x + group.x)* rows + local.y;\n"
    "return Row(index,index < count,index * n,select(0,n,index < count),local.y,local.x);\n"
    "}\n"
    "fn cut(row:Row,total:u32)-> Row{\n"
    "return Row(row.index,row.there,row.start,select(0,min(row.n,total - row.start),row.start < total),row.slot,row.lane);\n"
    "}\n"
    "const chains = 128u;\n"
    "var<workgroup> chain:array<f32,rows * chains>;\n"
    "var<workgroup> joined:array<f32,rows * 8>;\n"
    "fn sum_of_row(row:Row,what:u32,a:f32,b:f32)-> f32{\n"
    "for(var f = 0u;f < chains;f += width){\n"
    "let c = f + row.lane;\n"
    "var sum = 0.0;\n"
    "for(var k = 0u;k < row.n;k += chains){\n"
    "let i = k + c;\n"
    "sum += select(0,term(what,row,i,a,b),i < row.n);\n"
    "}\n"
    "chain[row.slot * chains + c]= sum;\n"
    "}\n"
    "workgroupBarrier();\n"
    "if(row.lane < 8){\n"
    "let at = row.slot * chains + row.lane;\n"
    "let s =(four_chains(at)+ four_chains(at + 64))+(four_chains(at + 32)+ four_chains(at + 96));\n"
    "let t = s.xy + s.zw;\n"
    "joined[8 * row.slot + row.lane]= t.x + t.y;\n"
    "}\n"
    "workgroupBarrier();\n"
    "let s = four_joined(8 * row.slot)+ four_joined(8 * row.slot + 4);\n"
    "let t = s.xy + s.zw;\n"
    "return t.x + t.y;\n"
    "}\n"
    "fn max_of_row(row:Row,what:u32,a:f32,b:f32)-> f32{\n"
    "for(var f = 0u;f < chains;f += width){\n"
    "let c = f + row.lane;\n"
    "var top = -infinity();\n"
    "for(var k = 0u;k < row.n;k += chains){\n"
    "let i = k + c;\n"
    "top = max(top,select(-infinity(),term(what,row,i,a,b),i < row.n));\n"
    "}\n"
    "chain[row.slot * chains + c]= top;\n"
    "}\n"
    "workgroupBarrier();\n"
    "if(row.lane < 8){\n"
    "let at = row.slot * chains + row.lane;\n"
    "let s = max(max(four_chains(at),four_chains(at + 64)),max(four_chains(at + 32),four_chains(at + 96)));\n"
    "let t = max(s.xy,s.zw);\n"
    "joined[8 * row.slot + row.lane]= max(t.x,t.y);\n"
    "}\n"
    "workgroupBarrier();\n"
    "let s = max(four_joined(8 * row.slot),four_joined(8 * row.slot + 4));\n"
    "let t = max(s.xy,s.zw);\n"
    "return max(t.x,t.y);\n"
    "}\n"
    "fn four_chains(at:u32)-> vec4<f32>{\n"
    "return vec4(chain[at],chain[at + 8],chain[at + 16],chain[at + 24]);\n"
    "}\n"
    "fn four_joined(at:u32)-> vec4<f32>{\n"
    "return vec4(joined[at],joined[at + 1],joined[at + 2],joined[at + 3]);\n"
    "}\n"
    "struct Params{rows:u32,n:u32,scale:f32,period:u32,offset:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> x:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read> lengths:array<u32>;\n"
    "@group(0)@binding(3)var<storage,read_write> y:array<f32>;\n"
    "override mask:u32 = 0;\n"
    "override logarithm:bool = false;\n"
    "fn columns_of(row:u32)-> u32{\n"
    "switch(mask){\n"
    "case 1:{return min(p.n,row % p.period + p.offset + 1);}\n"
    "case 2:{return min(p.n,lengths[row / p.period]);}\n"
    "default:{return p.n;}\n"
    "}\n"
    "}\n"
    "fn term(what:u32,row:Row,i:u32,m:f32,b:f32)-> f32{\n"
    "let v = domain(p.scale)* domain(x[row.start + i]);\n"
    "if(what == 0){\n"
    "return v;\n"
    "}\n"
    "let e = weight(exp(v - m));\n"
    "if(!logarithm && i < row.n){\n"
    "y[row.start + i]= e;\n"
    "}\n"
    "return e;\n"
    "}\n"
    "@compute @workgroup_size(width,rows)\n"
    "fn softmax(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "var row = row_of(local,group,groups,p.rows,p.n);\n"
    "let all = row.n;\n"
    "row.n = min(all,columns_of(row.index));\n"
    "let top = max_of_row(row,0,0,0);\n"
    "let m = select(top,0,top == -infinity());\n"
    "let sum = sum_of_row(row,1,m,0);\n"
    "if(logarithm){\n"
    "let l = addend(select(log(sum),0,sum == 0));\n"
    "for(var f = 0u;f < all;f += width){\n"
    "let i = f + row.lane;\n"
    "if(i < all){\n"
    "y[row.start + i]= select(-infinity(),(term(0,row,i,0,0)- m)- l,i < row.n);\n"
    "}\n"
    "}\n"
    "}else{\n"
    "let part = share(select(1 / sum,0,sum == 0));\n"
    "for(var f = 0u;f < all;f += width){\n"
    "let i = f + row.lane;\n"
    "if(i < all){\n"
    "y[row.start + i]= select(0,weight(y[row.start + i])* part,i < row.n);\n"
    "}\n"
    "}\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding softmax_bindings[] = {
    {"x", "f32", 0},
    {"lengths", "u32", 0},
    {"y", "f32", 1},
};

static const gw_lib_value softmax_tile[] = {
    {"rows", 2},
    {"width", 32},
};

static void softmax_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535);
    groups[1] = max_of(ceil_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_softmax = {
    "softmax", softmax_source, sizeof softmax_source - 1, 5, 3, 2, softmax_bindings, softmax_tile, softmax_grid,
};

static const char softmax_grad_source[] =
    "fn infinity()-> f32{\n"
    "let bits = 0x7f800000u;\n"
    "return bitcast<f32>(bits);\n"
    "}\n"
    "fn not_a_number()-> f32{\n"
    "let bits = 0x7fc00000u;\n"
    "return bitcast<f32>(bits);\n"
    "}\n"
    "fn domain(x:f32)-> f32{\n"
    "return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);\n"
    "}\n"
    "fn domain_bf16(bits:u32)-> f32{\n"
    "return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);\n"
    "}\n"
    "fn addend(x:f32)-> f32{\n"
    "return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x0c800000);\n"
    "}\n"
    "override width:u32 = 32;\n"
    "override rows:u32 = 2;\n"
    "struct Row{\n"
    "index:u32,\n"
    "there:bool,\n"
    "start:u32,\n"
    "n:u32,\n"
    "slot:u32,\n"
    "lane:u32,\n"
    "}\n"
    "fn row_of(local:vec3<u32>,group:vec3<u32>,groups:vec3<u32>,count:u32,n:u32)-> Row{\n"
    "let index =(group.y * groups.x + group.x)* rows + local.y;\n"
    "return Row(index,index < count,index * n,select(0,n,index < count),local.y,local.x);\n"
    "}\n"
    "fn cut(row:Row,total:u32)-> Row{\n"
    "return Row(row.index,row.there,row.start,select(0,min(row.n,total - row.start),row.start < total),row.slot,row.lane);\n"
    "}\n"
    "const chains = 128u;\n"
    "var<workgroup> chain:array<f32,rows * chains>;\n"
    "var<workgroup> joined:array<f32,rows * 8>;\n"
    "fn sum_of_row(row:Row,what:u32,a:f32,b:f32)-> f32{\n"
    "for(var f = 0u;f < chains;f += width){\n"
    "let c = f + row.lane;\n"
    "var sum = 0.0;\n"
    "for(var k = 0u;k < row.n;k += chains){\n"
    "let i = k + c;\n"
    "sum += select(0,term(what,row,i,a,b),i < row.n);\n"
    "}\n"
    "chain[row.slot * chains + c]= sum;\n"
    "}\n"
    "workgroupBarrier();\n"
    "if(row.lane < 8){\n"
    "let at = row.slot * chains + row.lane;\n"
    "let s =(four_chains(at)+ four_chains(at + 64))+(four_chains(at + 32)+ four_chains(at + 96));\n"
    "let t = s.xy + s.zw;\n"
    "joined[8 * row.slot + row.lane]= t.x + t.y;\n"
    "}\n"
    "workgroupBarrier();\n"
    "let s = four_joined(8 * row.slot)+ four_joined(8 * row.slot + 4);\n"
    "let t = s.xy + s.zw;\n"
    "return t.x + t.y;\n"
    "}\n"
    "fn max_of_row(row:Row,what:u32,a:f32,b:f32)-> f32{\n"
    "for(var f = 0u;f < chains;f += width){\n"
    "let c = f + row.lane;\n"
    "var top = -infinity();\n"
    "for(var k = 0u;k < row.n;k += chains){\n"
    "let i = k + c;\n"
    "top = max(top,select(-infinity(),term(what,row,i,a,b),i < row.n));\n"
    "}\n"
    "chain[row.slot * chains + c]= top;\n"
    "}\n"
    "workgroupBarrier();\n"
    "if(row.lane < 8){\n"
    "let at = row.slot * chains + row.lane;\n"
    "let s = max(max(four_chains(at),four_chains(at + 64)),max(four_chains(at + 32),four_chains(at + 96)));\n"
    "let t = max(s.xy,s.zw);\n"
    "joined[8 * row.slot + row.lane]= max(t.x,t.y);\n"
    "}\n"
    "workgroupBarrier();\n"
    "let s = max(four_joined(8 * row.slot),four_joined(8 * row.slot + 4));\n"
    "let t = max(s.xy,s.zw);\n"
    "return max(t.x,t.y);\n"
    "}\n"
    "fn four_chains(at:u32)-> vec4<f32>{\n"
    "return vec4(chain[at],chain[at + 8],chain[at + 16],chain[at + 24]);\n"
    "}\n"
    "fn four_joined(at:u32)-> vec4<f32>{\n"
    "return vec4(joined[at],joined[at + 1],joined[at + 2],joined[at + 3]);\n"
    "}\n"
    "struct Params{rows:u32,n:u32,scale:f32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> y:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read> dy:array<f32>;\n"
    "@group(0)@binding(3)var<storage,read_write> dx:array<f32>;\n"
    "override logarithm:bool = false;\n"
    "fn term(what:u32,row:Row,i:u32,a:f32,b:f32)-> f32{\n"
    "let v = y[row.start + i];\n"
    "let d = dy[row.start + i];\n"
    "if(logarithm){\n"
    "return select(addend(d),0,v == -infinity());\n"
    "}\n"
    "return domain(v)* domain(d);\n"
    "}\n"
    "@compute @workgroup_size(width,rows)\n"
    "fn softmax_grad(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "let row = row_of(local,group,groups,p.rows,p.n);\n"
    "let sum = sum_of_row(row,0,0,0);\n"
    "for(var f = 0u;f < row.n;f += width){\n"
    "let i = f + row.lane;\n"
    "if(i < row.n){\n"
    "let v = y[row.start + i];\n"
    "let d = dy[row.start + i];\n"
    "if(logarithm){\n"
    "dx[row.start + i]= select(domain(p.scale)* domain(addend(d)- domain(exp(v))* domain(sum)),0,v == -infinity());\n"
    "}else{\n"
    "dx[row.start + i]= domain(p.scale)* domain(domain(v)* domain(addend(d)- sum));\n"
    "}\n"
    "}\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding softmax_grad_bindings[] = {
    {"y", "f32", 0},
    {"dy", "f32", 0},
    {"dx", "f32", 1},
};

static const gw_lib_value softmax_grad_tile[] = {
    {"rows", 2},
    {"width", 32},
};

static void softmax_grad_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535);
    groups[1] = max_of(ceil_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_softmax_grad = {
    "softmax_grad", softmax_grad_source, sizeof softmax_grad_source - 1, 3, 3, 2, softmax_grad_bindings, softmax_grad_tile, softmax_grad_grid,
};

static const char norm_source[] =
    "fn infinity()-> f32{\n"
    "let bits = 0x7f800000u;\n"
    "return bitcast<f32>(bits);\n"
    "}\n"
    "fn not_a_number()-> f32{\n"
    "let bits = 0x7fc00000u;\n"
    "return bitcast<f32>(bits);\n"
    "}\n"
    "fn domain(x:f32)-> f32{\n"
    "return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);\n"
    "}\n"
    "fn domain_bf16(bits:u32)-> f32{\n"
    "return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);\n"
    "}\n"
    "fn addend(x:f32)-> f32{\n"
    "return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x0c800000);\n"
    "}\n"
    "override width:u32 = 32;\n"
    "override rows:u32 = 2;\n"
    "struct Row{\n"
    "index:u32,\n"
    "there:bool,\n"
    "start:u32,\n"
    "n:u32,\n"
    "slot:u32,\n"
    "lane:u32,\n"
    "}\n"
    "fn row_of(local:vec3<u32>,group:vec3<u32>,groups:vec3<u32>,count:u32,n:u32)-> Row{\n"
    "let index =(group.y * groups.x + group.x)* rows + local.y;\n"
    "return Row(index,index < count,index * n,select(0,n,index < count),local.y,local.x);\n"
    "}\n"
    "fn cut(row:Row,total:u32)-> Row{\n"
    "return Row(row.index,row.there,row.start,select(0,min(row.n,total - row.start),row.start < total),row.slot,row.lane);\n"
    "}\n"
    "const chains = 128u;\n"
    "var<workgroup> chain:array<f32,rows * chains>;\n"
    "var<workgroup> joined:array<f32,rows * 8>;\n"
    "fn sum_of_row(row:Row,what:u32,a:f32,b:f32)-> f32{\n"
    "for(var f = 0u;f < chains;f += width){\n"
    "let c = f + row.lane;\n"
    "var sum = 0.0;\n"
    "for(var k = 0u;k < row.n;k += chains){\n"
    "let i = k + c;\n"
    "sum += select(0,term(what,row,i,a,b),i < row.n);\n"
    "}\n"
    "chain[row.slot * chains + c]= sum;\n"
    "}\n"
    "workgroupBarrier();\n"
    "if(row.lane < 8){\n"
    "let at = row.slot * chains + row.lane;\n"
    "let s =(four_chains(at)+ four_chains(at + 64))+(four_chains(at + 32)+ four_chains(at + 96));\n"
    "let t = s.xy + s.zw;\n"
    "joined[8 * row.slot + row.lane]= t.x + t.y;\n"
    "}\n"
    "workgroupBarrier();\n"
    "let s = four_joined(8 * row.slot)+ four_joined(8 * row.slot + 4);\n"
    "let t = s.xy + s.zw;\n"
    "return t.x + t.y;\n"
    "}\n"
    "fn max_of_row(row:Row,what:u32,a:f32,b:f32)-> f32{\n"
    "for(var f = 0u;f < chains;f += width){\n"
    "let c = f + row.lane;\n"
    "var top = -infinity();\n"
    "for(var k = 0u;k < row.n;k += chains){\n"
    "let i = k + c;\n"
    "top = max(top,select(-infinity(),term(what,row,i,a,b),i < row.n));\n"
    "}\n"
    "chain[row.slot * chains + c]= top;\n"
    "}\n"
    "workgroupBarrier();\n"
    "if(row.lane < 8){\n"
    "let at = row.slot * chains + row.lane;\n"
    "let s = max(max(four_chains(at),four_chains(at + 64)),max(four_chains(at + 32),four_chains(at + 96)));\n"
    "let t = max(s.xy,s.zw);\n"
    "joined[8 * row.slot + row.lane]= max(t.x,t.y);\n"
    "}\n"
    "workgroupBarrier();\n"
    "let s = max(four_joined(8 * row.slot),four_joined(8 * row.slot + 4));\n"
    "let t = max(s.xy,s.zw);\n"
    "return max(t.x,t.y);\n"
    "}\n"
    "fn four_chains(at:u32)-> vec4<f32>{\n"
    "return vec4(chain[at],chain[at + 8],chain[at + 16],chain[at + 24]);\n"
    "}\n"
    "fn four_joined(at:u32)-> vec4<f32>{\n"
    "return vec4(joined[at],joined[at + 1],joined[at + 2],joined[at + 3]);\n"
    "}\n"
    "struct Params{rows:u32,n:u32,epsilon:f32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> x:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read> gain:array<f32>;\n"
    "@group(0)@binding(3)var<storage,read> shift:array<f32>;\n"
    "@group(0)@binding(4)var<storage,read_write> y:array<f32>;\n"
    "@group(0)@binding(5)var<storage,read_write> stats:array<f32>;\n"
    "override centred:bool = true;\n"
    "fn from_mean(v:f32,mean:f32)-> f32{\n"
    "if(centred){\n"
    "return domain(addend(v)- addend(mean));\n"
    "}\n"
    "return domain(v);\n"
    "}\n"
    "fn term(what:u32,row:Row,i:u32,mean:f32,b:f32)-> f32{\n"
    "let v = x[row.start + i];\n"
    "if(what == 0){\n"
    "return addend(v);\n"
    "}\n"
    "let d = from_mean(v,mean);\n"
    "return d * d;\n"
    "}\n"
    "@compute @workgroup_size(width,rows)\n"
    "fn norm(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "let row = row_of(local,group,groups,p.rows,p.n);\n"
    "let count = f32(p.n);\n"
    "var mean = 0.0;\n"
    "if(centred){\n"
    "mean = sum_of_row(row,0,0,0)/ count;\n"
    "}\n"
    "let r = inverseSqrt(sum_of_row(row,1,mean,0)/ count + p.epsilon);\n"
    "for(var f = 0u;f < row.n;f += width){\n"
    "let i = f + row.lane;\n"
    "if(i < row.n){\n"
    "let v = domain(from_mean(x[row.start + i],mean)* domain(r))* domain(gain[i]);\n"
    "if(centred){\n"
    "y[row.start + i]= v + addend(shift[i]);\n"
    "}else{\n"
    "y[row.start + i]= v;\n"
    "}\n"
    "}\n"
    "}\n"
    "if(row.lane == 0 && row.there){\n"
    "stats[2 * row.index]= mean;\n"
    "stats[2 * row.index + 1]= r;\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding norm_bindings[] = {
    {"x", "f32", 0},
    {"gain", "f32", 0},
    {"shift", "f32", 0},
    {"y", "f32", 1},
    {"stats", "f32", 1},
};

static const gw_lib_value norm_tile[] = {
    {"rows", 2},
    {"width", 32},
};

static void norm_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535);
    groups[1] = max_of(ceil_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_norm = {
    "norm", norm_source, sizeof norm_source - 1, 3, 5, 2, norm_bindings, norm_tile, norm_grid,
};

static const char norm_grad_source[] =
    "fn infinity()-> f32{\n"
    "let bits = 0x7f800000u;\n"
    "return bitcast<f32>(bits);\n"
    "}\n"
    "fn not_a_number()-> f32{\n"
    "let bits = 0x7fc00000u;\n"
    "return bitcast<f32>(bits);\n"
    "}\n"
    "fn domain(x:f32)-> f32{\n"
    "return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);\n"
    "}\n"
    "fn domain_bf16(bits:u32)-> f32{\n"
    "return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);\n"
    "}\n"
    "fn addend(x:f32)-> f32{\n"
    "return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x0c800000);\n"
    "}\n"
    "override width:u32 = 32;\n"
    "override rows:u32 = 2;\n"
    "struct Row{\n"
    "index:u32,\n"
    "there:bool,\n"
    "start:u32,\n"
    "n:u32,\n"
    "slot:u32,\n"
    "lane:u32,\n"
    "}\n"
    "fn row_of(local:vec3<u32>,group:vec3<u32>,groups:vec3<u32>,count:u32,n:u32)-> Row{\n"
    "let index =(group.y * groups.x + group.x)* rows + local.y;\n"
    "return Row(index,index < count,index * n,select(0,n,index < count),local.y,local.x);\n"
    "}\n"
    "fn cut(row:Row,total:u32)-> Row{\n"
    "return Row(row.index,row.there,row.start,select(0,min(row.n,total - row.start),row.start < total),row.slot,row.lane);\n"
    "}\n"
    "const chains = 128u;\n"
    "var<workgroup> chain:array<f32,rows * chains>;\n"
    "var<workgroup> joined:array<f32,rows * 8>;\n"
    "fn sum_of_row(row:Row,what:u32,a:f32,b:f32)-> f32{\n"
    "for(var f = 0u;f < chains;f += width){\n"
    "let c = f + row.lane;\n"
    "var sum = 0.0;\n"
    "for(var k = 0u;k < row.n;k += chains){\n"
    "let i = k + c;\n"
    "sum += select(0,term(what,row,i,a,b),i < row.n);\n"
    "}\n"
    "chain[row.slot * chains + c]= sum;\n"
    "}\n"
    "workgroupBarrier();\n"
    "if(row.lane < 8){\n"
    "let at = row.slot * chains + row.lane;\n"
    "let s =(four_chains(at)+ four_chains(at + 64))+(four_chains(at + 32)+ four_chains(at + 96));\n"
    "let t = s.xy + s.zw;\n"
    "joined[8 * row.slot + row.lane]= t.x + t.y;\n"
    "}\n"
    "workgroupBarrier();\n"
    "let s = four_joined(8 * row.slot)+ four_joined(8 * row.slot + 4);\n"
    "let t = s.xy + s.zw;\n"
    "return t.x + t.y;\n"
    "}\n"
    "fn max_of_row(row:Row,what:u32,a:f32,b:f32)-> f32{\n"
    "for(var f = 0u;f < chains;f += width){\n"
    "let c = f + row.lane;\n"
    "var top = -infinity();\n"
    "for(var k = 0u;k < row.n;k += chains){\n"
    "let i = k + c;\n"
    "top = max(top,select(-infinity(),term(what,row,i,a,b),i < row.n));\n"
    "}\n"
    "chain[row.slot * chains + c]= top;\n"
    "}\n"
    "workgroupBarrier();\n"
    "if(row.lane < 8){\n"
    "let at = row.slot * chains + row.lane;\n"
    "let s = max(max(four_chains(at),four_chains(at + 64)),max(four_chains(at + 32),four_chains(at + 96)));\n"
    "let t = max(s.xy,s.zw);\n"
    "joined[8 * row.slot + row.lane]= max(t.x,t.y);\n"
    "}\n"
    "workgroupBarrier();\n"
    "let s = max(four_joined(8 * row.slot),four_joined(8 * row.slot + 4));\n"
    "let t = max(s.xy,s.zw);\n"
    "return max(t.x,t.y);\n"
    "}\n"
    "fn four_chains(at:u32)-> vec4<f32>{\n"
    "return vec4(chain[at],chain[at + 8],chain[at + 16],chain[at + 24]);\n"
    "}\n"
    "fn four_joined(at:u32)-> vec4<f32>{\n"
    "return vec4(joined[at],joined[at + 1],joined[at + 2],joined[at + 3]);\n"
    "}\n"
    "struct Params{rows:u32,n:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> x:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read> gain:array<f32>;\n"
    "@group(0)@binding(3)var<storage,read> stats:array<f32>;\n"
    "@group(0)@binding(4)var<storage,read> dy:array<f32>;\n"
    "@group(0)@binding(5)var<storage,read_write> dx:array<f32>;\n"
    "override centred:bool = true;\n"
    "fn h(row:Row,i:u32,mean:f32,r:f32)-> f32{\n"
    "let v = x[row.start + i];\n"
    "if(centred){\n"
    "return domain(domain(addend(v)- addend(mean))* domain(r));\n"
    "}\n"
    "return domain(domain(v)* domain(r));\n"
    "}\n"
    "fn term(what:u32,row:Row,i:u32,mean:f32,r:f32)-> f32{\n"
    "let g = domain(dy[row.start + i])* domain(gain[i]);\n"
    "if(what == 0){\n"
    "return g;\n"
    "}\n"
    "return domain(g)* h(row,i,mean,r);\n"
    "}\n"
    "@compute @workgroup_size(width,rows)\n"
    "fn norm_grad(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "let row = row_of(local,group,groups,p.rows,p.n);\n"
    "let count = f32(p.n);\n"
    "let mean = stats[2 * row.index];\n"
    "let r = stats[2 * row.index + 1];\n"
    "var a = 0.0;\n"
    "if(centred){\n"
    "a = sum_of_row(row,0,0,0)/ count;\n"
    "}\n"
    "let b = sum_of_row(row,1,mean,r)/ count;\n"
    "for(var f = 0u;f < row.n;f += width){\n"
    "let i = f + row.lane;\n"
    "if(i < row.n){\n"
    "var g = term(0,row,i,0,0);\n"
    "if(centred){\n"
    "g -= addend(a);\n"
    "}\n"
    "dx[row.start + i]= domain(r)* domain(g - h(row,i,mean,r)* domain(b));\n"
    "}\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding norm_grad_bindings[] = {
    {"x", "f32", 0},
    {"gain", "f32", 0},
    {"stats", "f32", 0},
    {"dy", "f32", 0},
    {"dx", "f32", 1},
};

static const gw_lib_value norm_grad_tile[] = {
    {"rows", 2},
    {"width", 32},
};

static void norm_grad_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535);
    groups[1] = max_of(ceil_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_norm_grad = {
    "norm_grad", norm_grad_source, sizeof norm_grad_source - 1, 2, 5, 2, norm_grad_bindings, norm_grad_tile, norm_grad_grid,
};

static const char norm_grad_gain_source[] =
    "fn domain(x:f32)-> f32{\n"
    "return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);\n"
    "}\n"
    "fn domain_bf16(bits:u32)-> f32{\n"
    "return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);\n"
    "}\n"
    "fn addend(x:f32)-> f32{\n"
    "return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x0c800000);\n"
    "}\n"
    "override size:u32 = 64;\n"
    "fn rows_before(group:vec3<u32>,groups:vec3<u32>,each:u32)-> u32{\n"
    "return(group.z * groups.y + group.y)* each;\n"
    "}\n"
    "struct Params{rows:u32,n:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> x:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read> stats:array<f32>;\n"
    "@group(0)@binding(3)var<storage,read> dy:array<f32>;\n"
    "@group(0)@binding(4)var<storage,read_write> parts:array<f32>;\n"
    "override centred:bool = true;\n"
    "@compute @workgroup_size(size)\n"
    "fn norm_grad_gain(@builtin(global_invocation_id)id:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "let c = id.x;\n"
    "let first = rows_before(group,groups,256);\n"
    "if(c >= p.n || first >= p.rows){\n"
    "return;\n"
    "}\n"
    "let last = min(first + 256,p.rows);\n"
    "var gain = 0.0;\n"
    "var shift = 0.0;\n"
    "for(var row = first;row < last;row++){\n"
    "let d = dy[row * p.n + c];\n"
    "let r = stats[2 * row + 1];\n"
    "if(centred){\n"
    "gain += domain(d)* domain(domain(addend(x[row * p.n + c])- addend(stats[2 * row]))* domain(r));\n"
    "shift += addend(d);\n"
    "}else{\n"
    "gain += domain(d)* domain(domain(x[row * p.n + c])* domain(r));\n"
    "}\n"
    "}\n"
    "let block = first / 256;\n"
    "if(centred){\n"
    "parts[2 * block * p.n + c]= gain;\n"
    "parts[(2 * block + 1)* p.n + c]= shift;\n"
    "}else{\n"
    "parts[block * p.n + c]= gain;\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding norm_grad_gain_bindings[] = {
    {"x", "f32", 0},
    {"stats", "f32", 0},
    {"dy", "f32", 0},
    {"parts", "f32", 1},
};

static const gw_lib_value norm_grad_gain_tile[] = {
    {"size", 64},
};

static void norm_grad_gain_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = ceil_of((uint64_t)p[1], (uint64_t)t[0]);
    groups[1] = min_of(ceil_of((uint64_t)p[0], 256), 65535);
    groups[2] = max_of(ceil_of(ceil_of((uint64_t)p[0], 256), 65535), 1);
}

const gw_lib_op gw_lib_norm_grad_gain = {
    "norm_grad_gain", norm_grad_gain_source, sizeof norm_grad_gain_source - 1, 2, 4, 1, norm_grad_gain_bindings, norm_grad_gain_tile, norm_grad_gain_grid,
};

static const char reduce_rows_source[] =
    "fn infinity()-> f32{\n"
    "let bits = 0x7f800000u;\n"
    "return bitcast<f32>(bits);\n"
    "}\n"
    "fn not_a_number()-> f32{\n"
    "let bits = 0x7fc00000u;\n"
    "return bitcast<f32>(bits);\n"
    "}\n"
    "fn domain(x:f32)-> f32{\n"
    "return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);\n"
    "}\n"
    "fn domain_bf16(bits:u32)-> f32{\n"
    "return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);\n"
    "}\n"
    "fn addend(x:f32)-> f32{\n"
    "return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x0c800000);\n"
    "}\n"
    "override width:u32 = 32;\n"
    "override rows:u32 = 2;\n"
    "struct Row{\n"
    "index:u32,\n"
    "there:bool,\n"
    "start:u32,\n"
    "n:u32,\n"
    "slot:u32,\n"
    "lane:u32,\n"
    "}\n"
    "fn row_of(local:vec3<u32>,group:vec3<u32>,groups:vec3<u32>,count:u32,n:u32)-> Row{\n"
    "let index =(group.y * groups.x + group.x)* rows + local.y;\n"
    "return Row(index,index < count,index * n,select(0,n,index < count),local.y,local.x);\n"
    "}\n"
    "fn cut(row:Row,total:u32)-> Row{\n"
    "return Row(row.index,row.there,row.start,select(0,min(row.n,total - row.start),row.start < total),row.slot,row.lane);\n"
    "}\n"
    "const chains = 128u;\n"
    "var<workgroup> chain:array<f32,rows * chains>;\n"
    "var<workgroup> joined:array<f32,rows * 8>;\n"
    "fn sum_of_row(row:Row,what:u32,a:f32,b:f32)-> f32{\n"
    "for(var f = 0u;f < chains;f += width){\n"
    "let c = f + row.lane;\n"
    "var sum = 0.0;\n"
    "for(var k = 0u;k < row.n;k += chains){\n"
    "let i = k + c;\n"
    "sum += select(0,term(what,row,i,a,b),i < row.n);\n"
    "}\n"
    "chain[row.slot * chains + c]= sum;\n"
    "}\n"
    "workgroupBarrier();\n"
    "if(row.lane < 8){\n"
    "let at = row.slot * chains + row.lane;\n"
    "let s =(four_chains(at)+ four_chains(at + 64))+(four_chains(at + 32)+ four_chains(at + 96));\n"
    "let t = s.xy + s.zw;\n"
    "joined[8 * row.slot + row.lane]= t.x + t.y;\n"
    "}\n"
    "workgroupBarrier();\n"
    "let s = four_joined(8 * row.slot)+ four_joined(8 * row.slot + 4);\n"
    "let t = s.xy + s.zw;\n"
    "return t.x + t.y;\n"
    "}\n"
    "fn max_of_row(row:Row,what:u32,a:f32,b:f32)-> f32{\n"
    "for(var f = 0u;f < chains;f += width){\n"
    "let c = f + row.lane;\n"
    "var top = -infinity();\n"
    "for(var k = 0u;k < row.n;k += chains){\n"
    "let i = k + c;\n"
    "top = max(top,select(-infinity(),term(what,row,i,a,b),i < row.n));\n"
    "}\n"
    "chain[row.slot * chains + c]= top;\n"
    "}\n"
    "workgroupBarrier();\n"
    "if(row.lane < 8){\n"
    "let at = row.slot * chains + row.lane;\n"
    "let s = max(max(four_chains(at),four_chains(at + 64)),max(four_chains(at + 32),four_chains(at + 96)));\n"
    "let t = max(s.xy,s.zw);\n"
    "joined[8 * row.slot + row.lane]= max(t.x,t.y);\n"
    "}\n"
    "workgroupBarrier();\n"
    "let s = max(four_joined(8 * row.slot),four_joined(8 * row.slot + 4));\n"
    "let t = max(s.xy,s.zw);\n"
    "return max(t.x,t.y);\n"
    "}\n"
    "fn four_chains(at:u32)-> vec4<f32>{\n"
    "return vec4(chain[at],chain[at + 8],chain[at + 16],chain[at + 24]);\n"
    "}\n"
    "fn four_joined(at:u32)-> vec4<f32>{\n"
    "return vec4(joined[at],joined[at + 1],joined[at + 2],joined[at + 3]);\n"
    "}\n"
    "struct Params{rows:u32,n:u32,total:u32,divide:f32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> x:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read_write> y:array<f32>;\n"
    "override kind:u32 = 0;\n"
    "fn term(what:u32,row:Row,i:u32,a:f32,b:f32)-> f32{\n"
    "let v = x[row.start + i];\n"
    "switch(kind){\n"
    "case 0:{return addend(v);}\n"
    "case 1:{return domain(v)* domain(v);}\n"
    "case 3:{return -v;}\n"
    "default:{return v;}\n"
    "}\n"
    "}\n"
    "@compute @workgroup_size(width,rows)\n"
    "fn reduce_rows(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "let row = cut(row_of(local,group,groups,p.rows,p.n),p.total);\n"
    "var one = 0.0;\n"
    "switch(kind){\n"
    "case 2:{one = max_of_row(row,0,0,0);}\n"
    "case 3:{one = -max_of_row(row,0,0,0);}\n"
    "default:{one = sum_of_row(row,0,0,0)/ p.divide;}\n"
    "}\n"
    "if(row.lane == 0 && row.there){\n"
    "y[row.index]= one;\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding reduce_rows_bindings[] = {
    {"x", "f32", 0},
    {"y", "f32", 1},
};

static const gw_lib_value reduce_rows_tile[] = {
    {"rows", 2},
    {"width", 32},
};

static void reduce_rows_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535);
    groups[1] = max_of(ceil_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_reduce_rows = {
    "reduce_rows", reduce_rows_source, sizeof reduce_rows_source - 1, 4, 2, 2, reduce_rows_bindings, reduce_rows_tile, reduce_rows_grid,
};

static const char reduce_columns_source[] =
    "fn infinity()-> f32{\n"
    "let bits = 0x7f800000u;\n"
    "return bitcast<f32>(bits);\n"
    "}\n"
    "fn not_a_number()-> f32{\n"
    "let bits = 0x7fc00000u;\n"
    "return bitcast<f32>(bits);\n"
    "}\n"
    "fn domain(x:f32)-> f32{\n"
    "return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);\n"
    "}\n"
    "fn domain_bf16(bits:u32)-> f32{\n"
    "return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);\n"
    "}\n"
    "fn addend(x:f32)-> f32{\n"
    "return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x0c800000);\n"
    "}\n"
    "override size:u32 = 64;\n"
    "fn rows_before(group:vec3<u32>,groups:vec3<u32>,each:u32)-> u32{\n"
    "return(group.z * groups.y + group.y)* each;\n"
    "}\n"
    "struct Params{rows:u32,n:u32,divide:f32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> x:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read_write> y:array<f32>;\n"
    "override kind:u32 = 0;\n"
    "@compute @workgroup_size(size)\n"
    "fn reduce_columns(@builtin(global_invocation_id)id:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "let c = id.x;\n"
    "let first = rows_before(group,groups,256);\n"
    "if(c >= p.n || first >= p.rows){\n"
    "return;\n"
    "}\n"
    "let last = min(first + 256,p.rows);\n"
    "var one = select(select(infinity(),-infinity(),kind == 2),0,kind < 2);\n"
    "for(var row = first;row < last;row++){\n"
    "let v = x[row * p.n + c];\n"
    "switch(kind){\n"
    "case 0:{one += addend(v);}\n"
    "case 1:{one += domain(v)* domain(v);}\n"
    "case 2:{one = max(one,v);}\n"
    "default:{one = min(one,v);}\n"
    "}\n"
    "}\n"
    "y[first / 256 * p.n + c]= select(one,one / p.divide,kind < 2);\n"
    "}\n"
    ;

static const gw_lib_binding reduce_columns_bindings[] = {
    {"x", "f32", 0},
    {"y", "f32", 1},
};

static const gw_lib_value reduce_columns_tile[] = {
    {"size", 64},
};

static void reduce_columns_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = ceil_of((uint64_t)p[1], (uint64_t)t[0]);
    groups[1] = min_of(ceil_of((uint64_t)p[0], 256), 65535);
    groups[2] = max_of(ceil_of(ceil_of((uint64_t)p[0], 256), 65535), 1);
}

const gw_lib_op gw_lib_reduce_columns = {
    "reduce_columns", reduce_columns_source, sizeof reduce_columns_source - 1, 3, 2, 1, reduce_columns_bindings, reduce_columns_tile, reduce_columns_grid,
};

static const char scatter_source[] =
    "override size:u32 = 64;\n"
    "fn rows_before(group:vec3<u32>,groups:vec3<u32>,each:u32)-> u32{\n"
    "return(group.z * groups.y + group.y)* each;\n"
    "}\n"
    "override each:u32 = 8;\n"
    "struct Params{rows:u32,n:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> v:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read> index:array<u32>;\n"
    "@group(0)@binding(3)var<storage,read_write> y:array<f32>;\n"
    "@compute @workgroup_size(size)\n"
    "fn scatter(@builtin(global_invocation_id)id:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "let c = id.x;\n"
    "if(c >= p.n){\n"
    "return;\n"
    "}\n"
    "let first = rows_before(group,groups,each);\n"
    "let last = min(first + each,p.rows);\n"
    "for(var r = first;r < last;r++){\n"
    "y[r * p.n + c]= select(0,v[r],c == index[r]);\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding scatter_bindings[] = {
    {"v", "f32", 0},
    {"index", "u32", 0},
    {"y", "f32", 1},
};

static const gw_lib_value scatter_tile[] = {
    {"each", 8},
    {"size", 64},
};

static void scatter_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = ceil_of((uint64_t)p[1], (uint64_t)t[1]);
    groups[1] = min_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535);
    groups[2] = max_of(ceil_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535), 1);
}

const gw_lib_op gw_lib_scatter = {
    "scatter", scatter_source, sizeof scatter_source - 1, 2, 3, 2, scatter_bindings, scatter_tile, scatter_grid,
};

static const char argmax_source[] =
    "override width:u32 = 32;\n"
    "override rows:u32 = 2;\n"
    "struct Row{\n"
    "index:u32,\n"
    "there:bool,\n"
    "start:u32,\n"
    "n:u32,\n"
    "slot:u32,\n"
    "lane:u32,\n"
    "}\n"
    "fn row_of(local:vec3<u32>,group:vec3<u32>,groups:vec3<u32>,count:u32,n:u32)-> Row{\n"
    "let index =(group.y * groups.x + group.x)* rows + local.y;\n"
    "return Row(index,index < count,index * n,select(0,n,index < count),local.y,local.x);\n"
    "}\n"
    "fn cut(row:Row,total:u32)-> Row{\n"
    "return Row(row.index,row.there,row.start,select(0,min(row.n,total - row.start),row.start < total),row.slot,row.lane);\n"
    "}\n"
    "fn order_of(bits:u32)-> u32{\n"
    "let u = select(bits,0,bits == 0x80000000);\n"
    "let rising = select(u | 0x80000000,~u,u >= 0x80000000);\n"
    "return select(rising,0,(u & 0x7fffffff)> 0x7f800000);\n"
    "}\n"
    "const none = 0xffffffffu;\n"
    "var<workgroup> best_keys:array<u32,rows * width>;\n"
    "var<workgroup> best_places:array<u32,rows * width>;\n"
    "fn winner(row:Row,key:u32,place:u32)-> u32{\n"
    "let mine = row.slot * width;\n"
    "best_keys[mine + row.lane]= key;\n"
    "best_places[mine + row.lane]= place;\n"
    "workgroupBarrier();\n"
    "if(row.lane < 8){\n"
    "best_of(mine,row.lane,8,width);\n"
    "}\n"
    "workgroupBarrier();\n"
    "if(row.lane != 0){\n"
    "return none;\n"
    "}\n"
    "best_of(mine,0,1,8);\n"
    "return best_places[mine];\n"
    "}\n"
    "fn best_of(mine:u32,first:u32,stride:u32,end:u32){\n"
    "var best = best_keys[mine + first];\n"
    "var at = best_places[mine + first];\n"
    "for(var k = first + stride;k < end;k += stride){\n"
    "let key = best_keys[mine + k];\n"
    "let place = best_places[mine + k];\n"
    "let better = key > best ||(key == best && place < at);\n"
    "best = select(best,key,better);\n"
    "at = select(at,place,better);\n"
    "}\n"
    "best_keys[mine + first]= best;\n"
    "best_places[mine + first]= at;\n"
    "}\n"
    "struct Params{rows:u32,n:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> x:array<u32>;\n"
    "@group(0)@binding(2)var<storage,read_write> index:array<u32>;\n"
    "override least:bool = false;\n"
    "@compute @workgroup_size(width,rows)\n"
    "fn argmax(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "let row = row_of(local,group,groups,p.rows,p.n);\n"
    "var best = 0u;\n"
    "var at = none;\n"
    "for(var f = 0u;f < row.n;f += width){\n"
    "let i = f + row.lane;\n"
    "var v = x[row.start + i];\n"
    "if(least){\n"
    "v ^= 0x80000000;\n"
    "}\n"
    "let key = select(0,order_of(v),i < row.n);\n"
    "at = select(at,i,key > best);\n"
    "best = max(best,key);\n"
    "}\n"
    "at = winner(row,best,at);\n"
    "if(row.lane == 0 && row.there){\n"
    "index[row.index]= select(at,0,at == none);\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding argmax_bindings[] = {
    {"x", "u32", 0},
    {"index", "u32", 1},
};

static const gw_lib_value argmax_tile[] = {
    {"rows", 2},
    {"width", 32},
};

static void argmax_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535);
    groups[1] = max_of(ceil_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_argmax = {
    "argmax", argmax_source, sizeof argmax_source - 1, 2, 2, 2, argmax_bindings, argmax_tile, argmax_grid,
};

static const char top_k_source[] =
    "override width:u32 = 32;\n"
    "override rows:u32 = 1;\n"
    "struct Row{\n"
    "index:u32,\n"
    "there:bool,\n"
    "start:u32,\n"
    "n:u32,\n"
    "slot:u32,\n"
    "lane:u32,\n"
    "}\n"
    "fn row_of(local:vec3<u32>,group:vec3<u32>,groups:vec3<u32>,count:u32,n:u32)-> Row{\n"
    "let index =(group.y * groups.x + group.x)* rows + local.y;\n"
    "return Row(index,index < count,index * n,select(0,n,index < count),local.y,local.x);\n"
    "}\n"
    "fn cut(row:Row,total:u32)-> Row{\n"
    "return Row(row.index,row.there,row.start,select(0,min(row.n,total - row.start),row.start < total),row.slot,row.lane);\n"
    "}\n"
    "fn order_of(bits:u32)-> u32{\n"
    "let u = select(bits,0,bits == 0x80000000);\n"
    "let rising = select(u | 0x80000000,~u,u >= 0x80000000);\n"
    "return select(rising,0,(u & 0x7fffffff)> 0x7f800000);\n"
    "}\n"
    "struct Params{rows:u32,n:u32,k:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> x:array<u32>;\n"
    "@group(0)@binding(2)var<storage,read_write> values:array<u32>;\n"
    "@group(0)@binding(3)var<storage,read_write> index:array<u32>;\n"
    "override most:u32 = 64;\n"
    "var<workgroup> counts:array<atomic<u32>,rows * 256>;\n"
    "var<workgroup> sixteens:array<u32,rows * 16>;\n"
    "var<workgroup> above:array<u32,rows * width>;\n"
    "var<workgroup> equal:array<u32,rows * width>;\n"
    "var<workgroup> keys:array<u32,rows * most>;\n"
    "var<workgroup> places:array<u32,rows * most>;\n"
    "struct Limit{\n"
    "key:u32,\n"
    "take:u32,\n"
    "}\n"
    "fn find_limit(row:Row,wanted:u32)-> Limit{\n"
    "let bins = 256 * row.slot;\n"
    "var limit = Limit(0,wanted);\n"
    "for(var shift = 24u;shift < 32;shift -= 8){\n"
    "for(var f = 0u;f < 256;f += width){\n"
    "atomicStore(&counts[bins + f + row.lane],0);\n"
    "}\n"
    "workgroupBarrier();\n"
    "for(var f = 0u;f < row.n;f += width){\n"
    "let i = f + row.lane;\n"
    "let key = order_of(x[row.start + i]);\n"
    "if(i < row.n &&((key ^ limit.key)>> shift)< 256){\n"
    "atomicAdd(&counts[bins +((key >> shift)& 255)],1);\n"
    "}\n"
    "}\n"
    "workgroupBarrier();\n"
    "for(var s = row.lane;s < 16;s += width){\n"
    "var sum = 0u;\n"
    "for(var b = 0u;b < 16;b++){\n"
    "sum += atomicLoad(&counts[bins + 16 * s + b]);\n"
    "}\n"
    "sixteens[16 * row.slot + s]= sum;\n"
    "}\n"
    "workgroupBarrier();\n"
    "var s = 15u;\n"
    "for(;s > 0 && sixteens[16 * row.slot + s]< limit.take;s--){\n"
    "limit.take -= sixteens[16 * row.slot + s];\n"
    "}\n"
    "var digit = 16 * s + 15;\n"
    "for(;digit > 16 * s && atomicLoad(&counts[bins + digit])< limit.take;digit--){\n"
    "limit.take -= atomicLoad(&counts[bins + digit]);\n"
    "}\n"
    "limit.key |= digit << shift;\n"
    "workgroupBarrier();\n"
    "}\n"
    "return limit;\n"
    "}\n"
    "@compute @workgroup_size(width,rows)\n"
    "fn top_k(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "let row = row_of(local,group,groups,p.rows,p.n);\n"
    "let wanted = min(min(p.k,most),row.n);\n"
    "let limit = find_limit(row,wanted);\n"
    "let part =(row.n + width - 1)/ width;\n"
    "let first = min(row.lane * part,row.n);\n"
    "let last = min(first + part,row.n);\n"
    "var over = 0u;\n"
    "var at = 0u;\n"
    "for(var i = first;i < last;i++){\n"
    "let key = order_of(x[row.start + i]);\n"
    "over += u32(key > limit.key);\n"
    "at += u32(key == limit.key);\n"
    "}\n"
    "above[row.slot * width + row.lane]= over;\n"
    "equal[row.slot * width + row.lane]= at;\n"
    "workgroupBarrier();\n"
    "over = 0;\n"
    "at = 0;\n"
    "for(var k = 0u;k < row.lane;k++){\n"
    "over += above[row.slot * width + k];\n"
    "at += equal[row.slot * width + k];\n"
    "}\n"
    "let mine = row.slot * most;\n"
    "let overs = wanted - limit.take;\n"
    "for(var i = first;i < last;i++){\n"
    "let key = order_of(x[row.start + i]);\n"
    "if(key > limit.key){\n"
    "keys[mine + over]= key;\n"
    "places[mine + over]= i;\n"
    "over++;\n"
    "}else if(key == limit.key){\n"
    "if(at < limit.take){\n"
    "keys[mine + overs + at]= key;\n"
    "places[mine + overs + at]= i;\n"
    "}\n"
    "at++;\n"
    "}\n"
    "}\n"
    "workgroupBarrier();\n"
    "for(var a = row.lane;a < wanted;a += width){\n"
    "let key = keys[mine + a];\n"
    "let place = places[mine + a];\n"
    "var rank = 0u;\n"
    "for(var b = 0u;b < wanted;b++){\n"
    "let other = keys[mine + b];\n"
    "rank += u32(other > key ||(other == key && places[mine + b]< place));\n"
    "}\n"
    "values[row.index * p.k + rank]= x[row.start + place];\n"
    "index[row.index * p.k + rank]= place;\n"
    "}\n"
    "if(row.there){\n"
    "for(var a = wanted + row.lane;a < p.k;a += width){\n"
    "values[row.index * p.k + a]= 0xff800000;\n"
    "index[row.index * p.k + a]= 0xffffffff;\n"
    "}\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding top_k_bindings[] = {
    {"x", "u32", 0},
    {"values", "u32", 1},
    {"index", "u32", 1},
};

static const gw_lib_value top_k_tile[] = {
    {"rows", 1},
    {"width", 32},
};

static void top_k_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535);
    groups[1] = max_of(ceil_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_top_k = {
    "top_k", top_k_source, sizeof top_k_source - 1, 3, 3, 2, top_k_bindings, top_k_tile, top_k_grid,
};

static const char sample_source[] =
    "fn infinity()-> f32{\n"
    "let bits = 0x7f800000u;\n"
    "return bitcast<f32>(bits);\n"
    "}\n"
    "fn not_a_number()-> f32{\n"
    "let bits = 0x7fc00000u;\n"
    "return bitcast<f32>(bits);\n"
    "}\n"
    "override width:u32 = 64;\n"
    "override rows:u32 = 1;\n"
    "struct Row{\n"
    "index:u32,\n"
    "there:bool,\n"
    "start:u32,\n"
    "n:u32,\n"
    "slot:u32,\n"
    "lane:u32,\n"
    "}\n"
    "fn row_of(local:vec3<u32>,group:vec3<u32>,groups:vec3<u32>,count:u32,n:u32)-> Row{\n"
    "let index =(group.y * groups.x + group.x)* rows + local.y;\n"
    "return Row(index,index < count,index * n,select(0,n,index < count),local.y,local.x);\n"
    "}\n"
    "fn cut(row:Row,total:u32)-> Row{\n"
    "return Row(row.index,row.there,row.start,select(0,min(row.n,total - row.start),row.start < total),row.slot,row.lane);\n"
    "}\n"
    "fn order_of(bits:u32)-> u32{\n"
    "let u = select(bits,0,bits == 0x80000000);\n"
    "let rising = select(u | 0x80000000,~u,u >= 0x80000000);\n"
    "return select(rising,0,(u & 0x7fffffff)> 0x7f800000);\n"
    "}\n"
    "const none = 0xffffffffu;\n"
    "var<workgroup> best_keys:array<u32,rows * width>;\n"
    "var<workgroup> best_places:array<u32,rows * width>;\n"
    "fn winner(row:Row,key:u32,place:u32)-> u32{\n"
    "let mine = row.slot * width;\n"
    "best_keys[mine + row.lane]= key;\n"
    "best_places[mine + row.lane]= place;\n"
    "workgroupBarrier();\n"
    "if(row.lane < 8){\n"
    "best_of(mine,row.lane,8,width);\n"
    "}\n"
    "workgroupBarrier();\n"
    "if(row.lane != 0){\n"
    "return none;\n"
    "}\n"
    "best_of(mine,0,1,8);\n"
    "return best_places[mine];\n"
    "}\n"
    "fn best_of(mine:u32,first:u32,stride:u32,end:u32){\n"
    "var best = best_keys[mine + first];\n"
    "var at = best_places[mine + first];\n"
    "for(var k = first + stride;k < end;k += stride){\n"
    "let key = best_keys[mine + k];\n"
    "let place = best_places[mine + k];\n"
    "let better = key > best ||(key == best && place < at);\n"
    "best = select(best,key,better);\n"
    "at = select(at,place,better);\n"
    "}\n"
    "best_keys[mine + first]= best;\n"
    "best_places[mine + first]= at;\n"
    "}\n"
    "fn product_high(a:u32,b:u32)-> u32{\n"
    "let a0 = a & 0xffff;\n"
    "let a1 = a >> 16;\n"
    "let b0 = b & 0xffff;\n"
    "let b1 = b >> 16;\n"
    "let low = a1 * b0 +((a0 * b0)>> 16);\n"
    "let middle = a0 * b1 +(low & 0xffff);\n"
    "return a1 * b1 +(low >> 16)+(middle >> 16);\n"
    "}\n"
    "fn philox(counter:vec4<u32>,seed:vec2<u32>)-> vec4<u32>{\n"
    "var c = counter;\n"
    "var k = seed;\n"
    "for(var round = 0;round < 10;round++){\n"
    "c = vec4(product_high(0xcd9e8d57,c.z)^ c.y ^ k.x,0xcd9e8d57 * c.z,product_high(0xd2511f53,c.x)^ c.w ^ k.y,0xd2511f53 * c.x);\n"
    "k += vec2(0x9e3779b9u,0xbb67ae85u);\n"
    "}\n"
    "return c;\n"
    "}\n"
    "fn first_of_four(k:u32)-> u32{\n"
    "return k / 64 * 256 + k % 64;\n"
    "}\n"
    "fn unit(word:u32)-> f32{\n"
    "return f32(word >> 8)* 0x1p-24;\n"
    "}\n"
    "struct Params{rows:u32,n:u32,inverse_temperature:f32,seed_low:u32,seed_high:u32,step:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> x:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read_write> token:array<u32>;\n"
    "fn score(x:f32,word:u32)-> u32{\n"
    "let u =(f32(word >> 9)+ 0.5)* 0x1p-23;\n"
    "return select(order_of(bitcast<u32>(x * p.inverse_temperature - log(-log(u)))),0,x == -infinity());\n"
    "}\n"
    "@compute @workgroup_size(width,rows)\n"
    "fn sample(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "let row = row_of(local,group,groups,p.rows,p.n);\n"
    "var best = 0u;\n"
    "var at = none;\n"
    "for(var b = 0u;b < row.n;b += 256){\n"
    "for(var f = 0u;f < 64;f += width){\n"
    "let l = f + row.lane;\n"
    "let words = philox(vec4(b / 4 + l,row.index,2,p.step),vec2(p.seed_low,p.seed_high));\n"
    "for(var j = 0u;j < 4;j++){\n"
    "let i = b + 64 * j + l;\n"
    "let key = select(0,score(x[row.start + i],words[j]),i < row.n);\n"
    "at = select(at,i,key > best);\n"
    "best = max(best,key);\n"
    "}\n"
    "}\n"
    "}\n"
    "at = winner(row,best,at);\n"
    "if(row.lane == 0 && row.there){\n"
    "token[row.index]= select(at,0,at == none);\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding sample_bindings[] = {
    {"x", "f32", 0},
    {"token", "u32", 1},
};

static const gw_lib_value sample_tile[] = {
    {"rows", 1},
    {"width", 64},
};

static void sample_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535);
    groups[1] = max_of(ceil_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_sample = {
    "sample", sample_source, sizeof sample_source - 1, 6, 2, 2, sample_bindings, sample_tile, sample_grid,
};

static const char sample_top_source[] =
    "override size:u32 = 64;\n"
    "fn point_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{\n"
    "return(group.y * groups.x + group.x)* size + local;\n"
    "}\n"
    "fn product_high(a:u32,b:u32)-> u32{\n"
    "let a0 = a & 0xffff;\n"
    "let a1 = a >> 16;\n"
    "let b0 = b & 0xffff;\n"
    "let b1 = b >> 16;\n"
    "let low = a1 * b0 +((a0 * b0)>> 16);\n"
    "let middle = a0 * b1 +(low & 0xffff);\n"
    "return a1 * b1 +(low >> 16)+(middle >> 16);\n"
    "}\n"
    "fn philox(counter:vec4<u32>,seed:vec2<u32>)-> vec4<u32>{\n"
    "var c = counter;\n"
    "var k = seed;\n"
    "for(var round = 0;round < 10;round++){\n"
    "c = vec4(product_high(0xcd9e8d57,c.z)^ c.y ^ k.x,0xcd9e8d57 * c.z,product_high(0xd2511f53,c.x)^ c.w ^ k.y,0xd2511f53 * c.x);\n"
    "k += vec2(0x9e3779b9u,0xbb67ae85u);\n"
    "}\n"
    "return c;\n"
    "}\n"
    "fn first_of_four(k:u32)-> u32{\n"
    "return k / 64 * 256 + k % 64;\n"
    "}\n"
    "fn unit(word:u32)-> f32{\n"
    "return f32(word >> 8)* 0x1p-24;\n"
    "}\n"
    "struct Params{\n"
    "rows:u32,\n"
    "k:u32,\n"
    "inverse_temperature:f32,\n"
    "top_p:f32,\n"
    "seed_low:u32,\n"
    "seed_high:u32,\n"
    "step:u32,\n"
    "}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> values:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read> index:array<u32>;\n"
    "@group(0)@binding(3)var<storage,read_write> token:array<u32>;\n"
    "fn weight(start:u32,j:u32)-> f32{\n"
    "return exp((values[start + j]- values[start])* p.inverse_temperature);\n"
    "}\n"
    "@compute @workgroup_size(size)\n"
    "fn sample_top(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "let row = point_of(local,group,groups);\n"
    "if(row >= p.rows){\n"
    "return;\n"
    "}\n"
    "let start = row * p.k;\n"
    "var all = 0.0;\n"
    "for(var j = 0u;j < p.k;j++){\n"
    "all += weight(start,j);\n"
    "}\n"
    "var sum = 0.0;\n"
    "var last = 0u;\n"
    "for(var j = 0u;j < p.k;j++){\n"
    "sum += weight(start,j);\n"
    "if(sum >= p.top_p * all){\n"
    "last = j;\n"
    "break;\n"
    "}\n"
    "}\n"
    "let line = unit(philox(vec4(row,0,3,p.step),vec2(p.seed_low,p.seed_high)).x)* sum;\n"
    "var at = last;\n"
    "sum = 0.0;\n"
    "for(var j = 0u;j < last;j++){\n"
    "sum += weight(start,j);\n"
    "if(sum > line){\n"
    "at = j;\n"
    "break;\n"
    "}\n"
    "}\n"
    "token[row]= index[start + at];\n"
    "}\n"
    ;

static const gw_lib_binding sample_top_bindings[] = {
    {"values", "f32", 0},
    {"index", "u32", 0},
    {"token", "u32", 1},
};

static const gw_lib_value sample_top_tile[] = {
    {"size", 64},
};

static void sample_top_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535);
    groups[1] = max_of(ceil_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_sample_top = {
    "sample_top", sample_top_source, sizeof sample_top_source - 1, 7, 3, 1, sample_top_bindings, sample_top_tile, sample_top_grid,
};

static const char random_source[] =
    "override size:u32 = 64;\n"
    "fn point_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{\n"
    "return(group.y * groups.x + group.x)* size + local;\n"
    "}\n"
    "fn product_high(a:u32,b:u32)-> u32{\n"
    "let a0 = a & 0xffff;\n"
    "let a1 = a >> 16;\n"
    "let b0 = b & 0xffff;\n"
    "let b1 = b >> 16;\n"
    "let low = a1 * b0 +((a0 * b0)>> 16);\n"
    "let middle = a0 * b1 +(low & 0xffff);\n"
    "return a1 * b1 +(low >> 16)+(middle >> 16);\n"
    "}\n"
    "fn philox(counter:vec4<u32>,seed:vec2<u32>)-> vec4<u32>{\n"
    "var c = counter;\n"
    "var k = seed;\n"
    "for(var round = 0;round < 10;round++){\n"
    "c = vec4(product_high(0xcd9e8d57,c.z)^ c.y ^ k.x,0xcd9e8d57 * c.z,product_high(0xd2511f53,c.x)^ c.w ^ k.y,0xd2511f53 * c.x);\n"
    "k += vec2(0x9e3779b9u,0xbb67ae85u);\n"
    "}\n"
    "return c;\n"
    "}\n"
    "fn first_of_four(k:u32)-> u32{\n"
    "return k / 64 * 256 + k % 64;\n"
    "}\n"
    "fn unit(word:u32)-> f32{\n"
    "return f32(word >> 8)* 0x1p-24;\n"
    "}\n"
    "struct Params{n:u32,stream:u32,seed_low:u32,seed_high:u32,a:f32,b:f32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read_write> y:array<f32>;\n"
    "override distribution:u32 = 0;\n"
    "fn pair(v:u32,w:u32)-> vec2<f32>{\n"
    "let r = sqrt(-2 * log(f32(v)* 0x1p-32 + 0x1p-33));\n"
    "let t = f32(w)* 0x1p-32 * 6.2831855;\n"
    "return vec2(r * cos(t),r * sin(t));\n"
    "}\n"
    "@compute @workgroup_size(size)\n"
    "fn random(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "let k = point_of(local,group,groups);\n"
    "let i = first_of_four(k);\n"
    "if(i >= p.n){\n"
    "return;\n"
    "}\n"
    "let w = philox(vec4(k,p.stream,0,0),vec2(p.seed_low,p.seed_high));\n"
    "var v = vec4<f32>();\n"
    "if(distribution == 1){\n"
    "v = vec4(pair(w.x,w.y),pair(w.z,w.w));\n"
    "}else{\n"
    "v = vec4(unit(w.x),unit(w.y),unit(w.z),unit(w.w));\n"
    "}\n"
    "v = p.a + p.b * v;\n"
    "y[i]= v.x;\n"
    "if(i + 64 < p.n){\n"
    "y[i + 64]= v.y;\n"
    "}\n"
    "if(i + 128 < p.n){\n"
    "y[i + 128]= v.z;\n"
    "}\n"
    "if(i + 192 < p.n){\n"
    "y[i + 192]= v.w;\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding random_bindings[] = {
    {"y", "f32", 1},
};

static const gw_lib_value random_tile[] = {
    {"size", 64},
};

static void random_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of((64 * ceil_of((uint64_t)p[0], 256)), (uint64_t)t[0]), 65535);
    groups[1] = max_of(ceil_of(ceil_of((64 * ceil_of((uint64_t)p[0], 256)), (uint64_t)t[0]), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_random = {
    "random", random_source, sizeof random_source - 1, 6, 1, 1, random_bindings, random_tile, random_grid,
};

static const char dropout_source[] =
    "override size:u32 = 64;\n"
    "fn point_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{\n"
    "return(group.y * groups.x + group.x)* size + local;\n"
    "}\n"
    "fn product_high(a:u32,b:u32)-> u32{\n"
    "let a0 = a & 0xffff;\n"
    "let a1 = a >> 16;\n"
    "let b0 = b & 0xffff;\n"
    "let b1 = b >> 16;\n"
    "let low = a1 * b0 +((a0 * b0)>> 16);\n"
    "let middle = a0 * b1 +(low & 0xffff);\n"
    "return a1 * b1 +(low >> 16)+(middle >> 16);\n"
    "}\n"
    "fn philox(counter:vec4<u32>,seed:vec2<u32>)-> vec4<u32>{\n"
    "var c = counter;\n"
    "var k = seed;\n"
    "for(var round = 0;round < 10;round++){\n"
    "c = vec4(product_high(0xcd9e8d57,c.z)^ c.y ^ k.x,0xcd9e8d57 * c.z,product_high(0xd2511f53,c.x)^ c.w ^ k.y,0xd2511f53 * c.x);\n"
    "k += vec2(0x9e3779b9u,0xbb67ae85u);\n"
    "}\n"
    "return c;\n"
    "}\n"
    "fn first_of_four(k:u32)-> u32{\n"
    "return k / 64 * 256 + k % 64;\n"
    "}\n"
    "fn unit(word:u32)-> f32{\n"
    "return f32(word >> 8)* 0x1p-24;\n"
    "}\n"
    "struct Params{n:u32,stream:u32,seed_low:u32,seed_high:u32,below:u32,factor:f32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> x:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read_write> y:array<f32>;\n"
    "fn kept(i:u32,word:u32){\n"
    "if(i < p.n){\n"
    "y[i]= select(p.factor * x[i],0,word < p.below);\n"
    "}\n"
    "}\n"
    "@compute @workgroup_size(size)\n"
    "fn dropout(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "let k = point_of(local,group,groups);\n"
    "let i = first_of_four(k);\n"
    "if(i >= p.n){\n"
    "return;\n"
    "}\n"
    "let w = philox(vec4(k,p.stream,1,0),vec2(p.seed_low,p.seed_high));\n"
    "kept(i,w.x);\n"
    "kept(i + 64,w.y);\n"
    "kept(i + 128,w.z);\n"
    "kept(i + 192,w.w);\n"
    "}\n"
    ;

static const gw_lib_binding dropout_bindings[] = {
    {"x", "f32", 0},
    {"y", "f32", 1},
};

static const gw_lib_value dropout_tile[] = {
    {"size", 64},
};

static void dropout_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of((64 * ceil_of((uint64_t)p[0], 256)), (uint64_t)t[0]), 65535);
    groups[1] = max_of(ceil_of(ceil_of((64 * ceil_of((uint64_t)p[0], 256)), (uint64_t)t[0]), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_dropout = {
    "dropout", dropout_source, sizeof dropout_source - 1, 6, 2, 1, dropout_bindings, dropout_tile, dropout_grid,
};

static const char cross_entropy_source[] =
    "fn infinity()-> f32{\n"
    "let bits = 0x7f800000u;\n"
    "return bitcast<f32>(bits);\n"
    "}\n"
    "fn not_a_number()-> f32{\n"
    "let bits = 0x7fc00000u;\n"
    "return bitcast<f32>(bits);\n"
    "}\n"
    "fn addend(x:f32)-> f32{\n"
    "return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x0c800000);\n"
    "}\n"
    "fn weight(e:f32)-> f32{\n"
    "return select(0.0,e,(bitcast<u32>(e)& 0x7fffffff)>= 0x10800000);\n"
    "}\n"
    "fn share(r:f32)-> f32{\n"
    "return select(0.0,r,(bitcast<u32>(r)& 0x7fffffff)>= 0x2f800000);\n"
    "}\n"
    "override width:u32 = 32;\n"
    "override rows:u32 = 2;\n"
    "struct Row{\n"
    "index:u32,\n"
    "there:bool,\n"
    "start:u32,\n"
    "n:u32,\n"
    "slot:u32,\n"
    "lane:u32,\n"
    "}\n"
    "fn row_of(local:vec3<u32>,group:vec3<u32>,groups:vec3<u32>,count:u32,n:u32)-> Row{\n"
    "let index =(group.y * groups.x + group.x)* rows + local.y;\n"
    "return Row(index,index < count,index * n,select(0,n,index < count),local.y,local.x);\n"
    "}\n"
    "fn cut(row:Row,total:u32)-> Row{\n"
    "return Row(row.index,row.there,row.start,select(0,min(row.n,total - row.start),row.start < total),row.slot,row.lane);\n"
    "}\n"
    "const chains = 128u;\n"
    "var<workgroup> chain:array<f32,rows * chains>;\n"
    "var<workgroup> joined:array<f32,rows * 8>;\n"
    "fn sum_of_row(row:Row,what:u32,a:f32,b:f32)-> f32{\n"
    "for(var f = 0u;f < chains;f += width){\n"
    "let c = f + row.lane;\n"
    "var sum = 0.0;\n"
    "for(var k = 0u;k < row.n;k += chains){\n"
    "let i = k + c;\n"
    "sum += select(0,term(what,row,i,a,b),i < row.n);\n"
    "}\n"
    "chain[row.slot * chains + c]= sum;\n"
    "}\n"
    "workgroupBarrier();\n"
    "if(row.lane < 8){\n"
    "let at = row.slot * chains + row.lane;\n"
    "let s =(four_chains(at)+ four_chains(at + 64))+(four_chains(at + 32)+ four_chains(at + 96));\n"
    "let t = s.xy + s.zw;\n"
    "joined[8 * row.slot + row.lane]= t.x + t.y;\n"
    "}\n"
    "workgroupBarrier();\n"
    "let s = four_joined(8 * row.slot)+ four_joined(8 * row.slot + 4);\n"
    "let t = s.xy + s.zw;\n"
    "return t.x + t.y;\n"
    "}\n"
    "fn max_of_row(row:Row,what:u32,a:f32,b:f32)-> f32{\n"
    "for(var f = 0u;f < chains;f += width){\n"
    "let c = f + row.lane;\n"
    "var top = -infinity();\n"
    "for(var k = 0u;k < row.n;k += chains){\n"
    "let i = k + c;\n"
    "top = max(top,select(-infinity(),term(what,row,i,a,b),i < row.n));\n"
    "}\n"
    "chain[row.slot * chains + c]= top;\n"
    "}\n"
    "workgroupBarrier();\n"
    "if(row.lane < 8){\n"
    "let at = row.slot * chains + row.lane;\n"
    "let s = max(max(four_chains(at),four_chains(at + 64)),max(four_chains(at + 32),four_chains(at + 96)));\n"
    "let t = max(s.xy,s.zw);\n"
    "joined[8 * row.slot + row.lane]= max(t.x,t.y);\n"
    "}\n"
    "workgroupBarrier();\n"
    "let s = max(four_joined(8 * row.slot),four_joined(8 * row.slot + 4));\n"
    "let t = max(s.xy,s.zw);\n"
    "return max(t.x,t.y);\n"
    "}\n"
    "fn four_chains(at:u32)-> vec4<f32>{\n"
    "return vec4(chain[at],chain[at + 8],chain[at + 16],chain[at + 24]);\n"
    "}\n"
    "fn four_joined(at:u32)-> vec4<f32>{\n"
    "return vec4(joined[at],joined[at + 1],joined[at + 2],joined[at + 3]);\n"
    "}\n"
    "struct Params{rows:u32,n:u32,ignored:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> x:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read> label:array<u32>;\n"
    "@group(0)@binding(3)var<storage,read_write> loss:array<f32>;\n"
    "@group(0)@binding(4)var<storage,read_write> stats:array<f32>;\n"
    "fn term(what:u32,row:Row,i:u32,m:f32,b:f32)-> f32{\n"
    "let v = addend(x[row.start + i]);\n"
    "if(what == 0){\n"
    "return v;\n"
    "}\n"
    "return weight(exp(v - m));\n"
    "}\n"
    "@compute @workgroup_size(width,rows)\n"
    "fn cross_entropy(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "let row = row_of(local,group,groups,p.rows,p.n);\n"
    "let m = max_of_row(row,0,0,0);\n"
    "let sum = sum_of_row(row,1,m,0);\n"
    "if(row.lane == 0 && row.there){\n"
    "let l = label[row.index];\n"
    "var v = addend(log(sum))-(addend(x[row.start + l])- m);\n"
    "if(l == p.ignored){\n"
    "v = 0;\n"
    "}else if(l >= p.n){\n"
    "v = not_a_number();\n"
    "}\n"
    "loss[row.index]= v;\n"
    "stats[2 * row.index]= m;\n"
    "stats[2 * row.index + 1]= 1 / sum;\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding cross_entropy_bindings[] = {
    {"x", "f32", 0},
    {"label", "u32", 0},
    {"loss", "f32", 1},
    {"stats", "f32", 1},
};

static const gw_lib_value cross_entropy_tile[] = {
    {"rows", 2},
    {"width", 32},
};

static void cross_entropy_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535);
    groups[1] = max_of(ceil_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_cross_entropy = {
    "cross_entropy", cross_entropy_source, sizeof cross_entropy_source - 1, 3, 4, 2, cross_entropy_bindings, cross_entropy_tile, cross_entropy_grid,
};

static const char cross_entropy_grad_source[] =
    "fn infinity()-> f32{\n"
    "let bits = 0x7f800000u;\n"
    "return bitcast<f32>(bits);\n"
    "}\n"
    "fn not_a_number()-> f32{\n"
    "let bits = 0x7fc00000u;\n"
    "return bitcast<f32>(bits);\n"
    "}\n"
    "fn domain(x:f32)-> f32{\n"
    "return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);\n"
    "}\n"
    "fn domain_bf16(bits:u32)-> f32{\n"
    "return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);\n"
    "}\n"
    "fn addend(x:f32)-> f32{\n"
    "return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x0c800000);\n"
    "}\n"
    "fn weight(e:f32)-> f32{\n"
    "return select(0.0,e,(bitcast<u32>(e)& 0x7fffffff)>= 0x10800000);\n"
    "}\n"
    "fn share(r:f32)-> f32{\n"
    "return select(0.0,r,(bitcast<u32>(r)& 0x7fffffff)>= 0x2f800000);\n"
    "}\n"
    "override size:u32 = 64;\n"
    "fn rows_before(group:vec3<u32>,groups:vec3<u32>,each:u32)-> u32{\n"
    "return(group.z * groups.y + group.y)* each;\n"
    "}\n"
    "override each:u32 = 8;\n"
    "struct Params{rows:u32,n:u32,ignored:u32,factor:f32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> x:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read> label:array<u32>;\n"
    "@group(0)@binding(3)var<storage,read> stats:array<f32>;\n"
    "@group(0)@binding(4)var<storage,read_write> dx:array<f32>;\n"
    "@compute @workgroup_size(size)\n"
    "fn cross_entropy_grad(@builtin(global_invocation_id)id:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "let c = id.x;\n"
    "if(c >= p.n){\n"
    "return;\n"
    "}\n"
    "let first = rows_before(group,groups,each);\n"
    "let last = min(first + each,p.rows);\n"
    "for(var row = first;row < last;row++){\n"
    "let l = label[row];\n"
    "let q = weight(exp(addend(x[row * p.n + c])- addend(stats[2 * row])))* share(stats[2 * row + 1]);\n"
    "var d = domain(p.factor)* domain(select(q,q - 1,c == l));\n"
    "if(l == p.ignored){\n"
    "d = 0;\n"
    "}else if(l >= p.n){\n"
    "d = not_a_number();\n"
    "}\n"
    "dx[row * p.n + c]= d;\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding cross_entropy_grad_bindings[] = {
    {"x", "f32", 0},
    {"label", "u32", 0},
    {"stats", "f32", 0},
    {"dx", "f32", 1},
};

static const gw_lib_value cross_entropy_grad_tile[] = {
    {"each", 8},
    {"size", 64},
};

static void cross_entropy_grad_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = ceil_of((uint64_t)p[1], (uint64_t)t[1]);
    groups[1] = min_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535);
    groups[2] = max_of(ceil_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535), 1);
}

const gw_lib_op gw_lib_cross_entropy_grad = {
    "cross_entropy_grad", cross_entropy_grad_source, sizeof cross_entropy_grad_source - 1, 4, 4, 2, cross_entropy_grad_bindings, cross_entropy_grad_tile, cross_entropy_grad_grid,
};

static const char mse_source[] =
    "fn infinity()-> f32{\n"
    "let bits = 0x7f800000u;\n"
    "return bitcast<f32>(bits);\n"
    "}\n"
    "fn not_a_number()-> f32{\n"
    "let bits = 0x7fc00000u;\n"
    "return bitcast<f32>(bits);\n"
    "}\n"
    "fn domain(x:f32)-> f32{\n"
    "return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);\n"
    "}\n"
    "fn domain_bf16(bits:u32)-> f32{\n"
    "return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);\n"
    "}\n"
    "fn addend(x:f32)-> f32{\n"
    "return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x0c800000);\n"
    "}\n"
    "override width:u32 = 32;\n"
    "override rows:u32 = 2;\n"
    "struct Row{\n"
    "index:u32,\n"
    "there:bool,\n"
    "start:u32,\n"
    "n:u32,\n"
    "slot:u32,\n"
    "lane:u32,\n"
    "}\n"
    "fn row_of(local:vec3<u32>,group:vec3<u32>,groups:vec3<u32>,count:u32,n:u32)-> Row{\n"
    "let index =(group.y * groups.x + group.x)* rows + local.y;\n"
    "return Row(index,index < count,index * n,select(0,n,index < count),local.y,local.x);\n"
    "}\n"
    "fn cut(row:Row,total:u32)-> Row{\n"
    "return Row(row.index,row.there,row.start,select(0,min(row.n,total - row.start),row.start < total),row.slot,row.lane);\n"
    "}\n"
    "const chains = 128u;\n"
    "var<workgroup> chain:array<f32,rows * chains>;\n"
    "var<workgroup> joined:array<f32,rows * 8>;\n"
    "fn sum_of_row(row:Row,what:u32,a:f32,b:f32)-> f32{\n"
    "for(var f = 0u;f < chains;f += width){\n"
    "let c = f + row.lane;\n"
    "var sum = 0.0;\n"
    "for(var k = 0u;k < row.n;k += chains){\n"
    "let i = k + c;\n"
    "sum += select(0,term(what,row,i,a,b),i < row.n);\n"
    "}\n"
    "chain[row.slot * chains + c]= sum;\n"
    "}\n"
    "workgroupBarrier();\n"
    "if(row.lane < 8){\n"
    "let at = row.slot * chains + row.lane;\n"
    "let s =(four_chains(at)+ four_chains(at + 64))+(four_chains(at + 32)+ four_chains(at + 96));\n"
    "let t = s.xy + s.zw;\n"
    "joined[8 * row.slot + row.lane]= t.x + t.y;\n"
    "}\n"
    "workgroupBarrier();\n"
    "let s = four_joined(8 * row.slot)+ four_joined(8 * row.slot + 4);\n"
    "let t = s.xy + s.zw;\n"
    "return t.x + t.y;\n"
    "}\n"
    "fn max_of_row(row:Row,what:u32,a:f32,b:f32)-> f32{\n"
    "for(var f = 0u;f < chains;f += width){\n"
    "let c = f + row.lane;\n"
    "var top = -infinity();\n"
    "for(var k = 0u;k < row.n;k += chains){\n"
    "let i = k + c;\n"
    "top = max(top,select(-infinity(),term(what,row,i,a,b),i < row.n));\n"
    "}\n"
    "chain[row.slot * chains + c]= top;\n"
    "}\n"
    "workgroupBarrier();\n"
    "if(row.lane < 8){\n"
    "let at = row.slot * chains + row.lane;\n"
    "let s = max(max(four_chains(at),four_chains(at + 64)),max(four_chains(at + 32),four_chains(at + 96)));\n"
    "let t = max(s.xy,s.zw);\n"
    "joined[8 * row.slot + row.lane]= max(t.x,t.y);\n"
    "}\n"
    "workgroupBarrier();\n"
    "let s = max(four_joined(8 * row.slot),four_joined(8 * row.slot + 4));\n"
    "let t = max(s.xy,s.zw);\n"
    "return max(t.x,t.y);\n"
    "}\n"
    "fn four_chains(at:u32)-> vec4<f32>{\n"
    "return vec4(chain[at],chain[at + 8],chain[at + 16],chain[at + 24]);\n"
    "}\n"
    "fn four_joined(at:u32)-> vec4<f32>{\n"
    "return vec4(joined[at],joined[at + 1],joined[at + 2],joined[at + 3]);\n"
    "}\n"
    "struct Params{blocks:u32,total:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> x:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read> t:array<f32>;\n"
    "@group(0)@binding(3)var<storage,read_write> y:array<f32>;\n"
    "fn term(what:u32,row:Row,i:u32,a:f32,b:f32)-> f32{\n"
    "let d = domain(addend(x[row.start + i])- addend(t[row.start + i]));\n"
    "return d * d;\n"
    "}\n"
    "@compute @workgroup_size(width,rows)\n"
    "fn mse(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "let row = cut(row_of(local,group,groups,p.blocks,4096),p.total);\n"
    "let sum = sum_of_row(row,0,0,0);\n"
    "if(row.lane == 0 && row.there){\n"
    "y[row.index]= sum;\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding mse_bindings[] = {
    {"x", "f32", 0},
    {"t", "f32", 0},
    {"y", "f32", 1},
};

static const gw_lib_value mse_tile[] = {
    {"rows", 2},
    {"width", 32},
};

static void mse_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535);
    groups[1] = max_of(ceil_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_mse = {
    "mse", mse_source, sizeof mse_source - 1, 2, 3, 2, mse_bindings, mse_tile, mse_grid,
};

static const char mse_grad_source[] =
    "fn domain(x:f32)-> f32{\n"
    "return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);\n"
    "}\n"
    "fn domain_bf16(bits:u32)-> f32{\n"
    "return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);\n"
    "}\n"
    "fn addend(x:f32)-> f32{\n"
    "return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x0c800000);\n"
    "}\n"
    "override size:u32 = 64;\n"
    "fn point_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{\n"
    "return(group.y * groups.x + group.x)* size + local;\n"
    "}\n"
    "struct Params{n:u32,factor:f32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> x:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read> t:array<f32>;\n"
    "@group(0)@binding(3)var<storage,read_write> dx:array<f32>;\n"
    "@compute @workgroup_size(size)\n"
    "fn mse_grad(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "let i = point_of(local,group,groups);\n"
    "if(i >= p.n){\n"
    "return;\n"
    "}\n"
    "dx[i]= domain(p.factor)* domain(addend(x[i])- addend(t[i]));\n"
    "}\n"
    ;

static const gw_lib_binding mse_grad_bindings[] = {
    {"x", "f32", 0},
    {"t", "f32", 0},
    {"dx", "f32", 1},
};

static const gw_lib_value mse_grad_tile[] = {
    {"size", 64},
};

static void mse_grad_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535);
    groups[1] = max_of(ceil_of(ceil_of((uint64_t)p[0], (uint64_t)t[0]), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_mse_grad = {
    "mse_grad", mse_grad_source, sizeof mse_grad_source - 1, 2, 3, 1, mse_grad_bindings, mse_grad_tile, mse_grad_grid,
};

static const char attention_source[] =
    "fn domain(x:f32)-> f32{\n"
    "return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);\n"
    "}\n"
    "fn domain_bf16(bits:u32)-> f32{\n"
    "return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);\n"
    "}\n"
    "fn infinity()-> f32{\n"
    "let bits = 0x7f800000u;\n"
    "return bitcast<f32>(bits);\n"
    "}\n"
    "fn not_a_number()-> f32{\n"
    "let bits = 0x7fc00000u;\n"
    "return bitcast<f32>(bits);\n"
    "}\n"
    "override size:u32 = 128;\n"
    "override dim:u32 = 64;\n"
    "override causal:bool = false;\n"
    "override high:u32 = size / 4;\n"
    "const wide = 32u;\n"
    "const stride = 33u;\n"
    "struct Params{batch:u32,n:u32,capacity:u32,heads:u32,kv_heads:u32,scale:f32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> lengths:array<vec2<u32>>;\n"
    "var<workgroup> part:array<f32,(high + 1)* stride>;\n"
    "var<workgroup> block:array<f32,wide * stride>;\n"
    "struct Place{batch:u32,kv_head:u32,first:u32}\n"
    "struct Seat{local:u32,x:u32,y:u32}\n"
    "struct Eight{a:vec4<f32>,b:vec4<f32>}\n"
    "var<private> kept:array<vec4<f32>,16>;\n"
    "fn place_of(group:vec3<u32>)-> Place{\n"
    "return Place(group.z,group.y,group.x * high);\n"
    "}\n"
    "fn seat_of(local:u32)-> Seat{\n"
    "return Seat(local,local % wide,local / wide * 8);\n"
    "}\n"
    "fn group_heads()-> u32{\n"
    "return p.heads / p.kv_heads;\n"
    "}\n"
    "fn query_rows()-> u32{\n"
    "return p.n * group_heads();\n"
    "}\n"
    "fn query_at(at:Place,row:u32)-> u32{\n"
    "let g = group_heads();\n"
    "return(at.batch * p.n + row / g)* p.heads + at.kv_head * g + row % g;\n"
    "}\n"
    "fn key_at(at:Place,key:u32)-> u32{\n"
    "return(at.batch * p.capacity + key)* p.kv_heads + at.kv_head;\n"
    "}\n"
    "fn keys_of(at:Place)-> u32{\n"
    "return min(lengths[at.batch].y,p.capacity);\n"
    "}\n"
    "fn seen_by(at:Place,row:u32)-> u32{\n"
    "var keys = keys_of(at);\n"
    "if(causal){\n"
    "keys = min(keys,lengths[at.batch].x + row / group_heads()+ 1);\n"
    "}\n"
    "return select(0,keys,row < query_rows());\n"
    "}\n"
    "fn products(at:Place,me:Seat,matrix:u32,first:u32)-> Eight{\n"
    "var s:Eight;\n"
    "for(var start = 0u;start < dim;start += wide){\n"
    "workgroupBarrier();\n"
    "for(var i = me.local;i < high * wide;i += size){\n"
    "part[i / wide * stride + i % wide]= domain(owned(at,matrix,at.first + i / wide,start + i % wide));\n"
    "}\n"
    "for(var i = me.local;i < wide * wide;i += size){\n"
    "block[i % wide * stride + i / wide]= other(at,matrix,first + i / wide,start + i % wide);\n"
    "}\n"
    "workgroupBarrier();\n"
    "for(var c = 0u;c < min(wide,dim - start);c++){\n"
    "let k = c % wide;\n"
    "let l = eight(me,k);\n"
    "let r = domain(block[k * stride + me.x]);\n"
    "s.a += l.a * r;\n"
    "s.b += l.b * r;\n"
    "}\n"
    "}\n"
    "return s;\n"
    "}\n"
    "fn eight(me:Seat,column:u32)-> Eight{\n"
    "let i = me.y * stride + column;\n"
    "return Eight(vec4(part[i],part[i + stride],part[i + 2 * stride],part[i + 3 * stride]),\n"
    "vec4(part[i + 4 * stride],part[i + 5 * stride],part[i + 6 * stride],part[i + 7 * stride]));\n"
    "}\n"
    "fn put(me:Seat,v:Eight,row:u32,column:u32){\n"
    "workgroupBarrier();\n"
    "let i = me.y * row + me.x * column;\n"
    "block[i]= v.a.x;\n"
    "block[i + row]= v.a.y;\n"
    "block[i + 2 * row]= v.a.z;\n"
    "block[i + 3 * row]= v.a.w;\n"
    "block[i + 4 * row]= v.b.x;\n"
    "block[i + 5 * row]= v.b.y;\n"
    "block[i + 6 * row]= v.b.z;\n"
    "block[i + 7 * row]= v.b.w;\n"
    "workgroupBarrier();\n"
    "}\n"
    "fn weight_at(row:u32,j:u32)-> u32{\n"
    "return j *(high + 1)+ row;\n"
    "}\n"
    "fn put_products(me:Seat,v:Eight){\n"
    "put(me,v,1,high + 1);\n"
    "}\n"
    "fn put_results(me:Seat,v:Eight){\n"
    "put(me,v,stride,1);\n"
    "}\n"
    "fn result_at(i:u32)-> f32{\n"
    "return block[i / wide * stride + i % wide];\n"
    "}\n"
    "fn accumulate(at:Place,me:Seat,matrix:u32,first:u32,count:u32,start:u32){\n"
    "var s = kept_at(start);\n"
    "for(var j = 0u;j < count;j++){\n"
    "let i = weight_at(me.y,j % wide);\n"
    "var w = Eight(vec4(part[i],part[i + 1],part[i + 2],part[i + 3]),vec4(part[i + 4],part[i + 5],part[i + 6],part[i + 7]));\n"
    "let r = domain(other(at,matrix,first + j,start + me.x));\n"
    "if(all(w.a != vec4(0.0))&& all(w.b != vec4(0.0))){\n"
    "s.a += w.a * r;\n"
    "s.b += w.b * r;\n"
    "continue;\n"
    "}\n"
    "for(var half = 0u;half < 2;half++){\n"
    "let sum = select(s.a + w.a * r,s.a,w.a == vec4(0.0));\n"
    "s = Eight(s.b,sum);\n"
    "w = Eight(w.b,w.a);\n"
    "}\n"
    "}\n"
    "kept[start / wide * 2]= s.a;\n"
    "kept[start / wide * 2 + 1]= s.b;\n"
    "}\n"
    "fn kept_at(start:u32)-> Eight{\n"
    "return Eight(kept[start / wide * 2],kept[start / wide * 2 + 1]);\n"
    "}\n"
    "fn domain4(v:vec4<f32>)-> vec4<f32>{\n"
    "return vec4(domain(v.x),domain(v.y),domain(v.z),domain(v.w));\n"
    "}\n"
    "@group(0)@binding(2)var<storage,read> q:array<f32>;\n"
    "@group(0)@binding(3)var<storage,read> k:array<f32>;\n"
    "@group(0)@binding(4)var<storage,read> v:array<f32>;\n"
    "@group(0)@binding(5)var<storage,read_write> y:array<f32>;\n"
    "@group(0)@binding(6)var<storage,read_write> most:array<f32>;\n"
    "@group(0)@binding(7)var<storage,read_write> sum:array<f32>;\n"
    "var<workgroup> maxima:array<f32,high>;\n"
    "var<workgroup> factors:array<f32,high>;\n"
    "var<private> total:f32;\n"
    "fn owned(at:Place,matrix:u32,row:u32,c:u32)-> f32{\n"
    "return q[query_at(at,row)* dim + c];\n"
    "}\n"
    "fn other(at:Place,matrix:u32,key:u32,c:u32)-> f32{\n"
    "let i = key_at(at,key)* dim + c;\n"
    "if(matrix == 0){\n"
    "return k[i];\n"
    "}\n"
    "return v[i];\n"
    "}\n"
    "fn rescaled(y:vec4<f32>,a:vec4<f32>)-> vec4<f32>{\n"
    "return select(domain4(y)* domain4(a),y,a == vec4(1.0));\n"
    "}\n"
    "@compute @workgroup_size(size)\n"
    "fn attention(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>){\n"
    "let at = place_of(group);\n"
    "let me = seat_of(local);\n"
    "let sees = seen_by(at,at.first + local);\n"
    "let end = seen_by(at,min(at.first + high,query_rows())- 1);\n"
    "if(local < high){\n"
    "maxima[local]= -infinity();\n"
    "}\n"
    "for(var first = 0u;first < end;first += wide){\n"
    "put_products(me,products(at,me,0,first));\n"
    "if(local < high){\n"
    "let old = maxima[local];\n"
    "var m = old;\n"
    "for(var j = 0u;j < wide;j++){\n"
    "if(first + j < sees){\n"
    "m = max(m,p.scale * block[weight_at(local,j)]);\n"
    "}\n"
    "}\n"
    "maxima[local]= m;\n"
    "factors[local]= select(exp(old - m),1.0,old == m);\n"
    "}\n"
    "workgroupBarrier();\n"
    "for(var i = local;i < high * wide;i += size){\n"
    "let row = i % high;\n"
    "let j = i / high;\n"
    "var w = 0.0;\n"
    "if(first + j < seen_by(at,at.first + row)){\n"
    "w = domain(exp(p.scale * block[weight_at(row,j)]- maxima[row]));\n"
    "}\n"
    "part[weight_at(row,j)]= w;\n"
    "}\n"
    "workgroupBarrier();\n"
    "if(local < high){\n"
    "let a = factors[local];\n"
    "if(a != 1.0){\n"
    "total = domain(total)* domain(a);\n"
    "}\n"
    "for(var j = 0u;j < wide;j++){\n"
    "total += part[weight_at(local,j)];\n"
    "}\n"
    "}\n"
    "for(var h = 0u;h < 2;h++){\n"
    "let r = me.y + 4 * h;\n"
    "let a = vec4(factors[r],factors[r + 1],factors[r + 2],factors[r + 3]);\n"
    "if(any(a != vec4(1.0))){\n"
    "for(var i = h;i <(dim + 31)/ wide * 2;i += 2){\n"
    "kept[i]= rescaled(kept[i],a);\n"
    "}\n"
    "}\n"
    "}\n"
    "for(var start = 0u;start < dim;start += wide){\n"
    "accumulate(at,me,1,first,min(wide,end - first),start);\n"
    "}\n"
    "}\n"
    "workgroupBarrier();\n"
    "if(local < high){\n"
    "factors[local]= total;\n"
    "let row = at.first + local;\n"
    "if(row < query_rows()){\n"
    "most[query_at(at,row)]= maxima[local];\n"
    "sum[query_at(at,row)]= total;\n"
    "}\n"
    "}\n"
    "for(var start = 0u;start < dim;start += wide){\n"
    "put_results(me,kept_at(start));\n"
    "for(var i = local;i < high * wide;i += size){\n"
    "let row = at.first + i / wide;\n"
    "let c = start + i % wide;\n"
    "if(row < query_rows()&& c < dim){\n"
    "let l = factors[i / wide];\n"
    "y[query_at(at,row)* dim + c]= select(result_at(i)/ l,0.0,l == 0.0);\n"
    "}\n"
    "}\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding attention_bindings[] = {
    {"lengths", "vec2<u32>", 0},
    {"q", "f32", 0},
    {"k", "f32", 0},
    {"v", "f32", 0},
    {"y", "f32", 1},
    {"most", "f32", 1},
    {"sum", "f32", 1},
};

static const gw_lib_value attention_tile[] = {
    {"size", 128},
};

static void attention_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = ceil_of(((uint64_t)p[1] * ((uint64_t)p[3] / max_of((uint64_t)p[4], 1))), ((uint64_t)t[0] / 4));
    groups[1] = (uint64_t)p[4];
    groups[2] = (uint64_t)p[0];
}

const gw_lib_op gw_lib_attention = {
    "attention", attention_source, sizeof attention_source - 1, 6, 7, 1, attention_bindings, attention_tile, attention_grid,
};

static const char attention_row_source[] =
    "fn domain(x:f32)-> f32{\n"
    "return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);\n"
    "}\n"
    "fn domain_bf16(bits:u32)-> f32{\n"
    "return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);\n"
    "}\n"
    "fn infinity()-> f32{\n"
    "let bits = 0x7f800000u;\n"
    "return bitcast<f32>(bits);\n"
    "}\n"
    "fn not_a_number()-> f32{\n"
    "let bits = 0x7fc00000u;\n"
    "return bitcast<f32>(bits);\n"
    "}\n"
    "override size:u32 = 64;\n"
    "override dim:u32 = 64;\n"
    "override causal:bool = false;\n"
    "const wide = 32u;\n"
    "override blocks:u32 = size / wide;\n"
    "struct Params{batch:u32,n:u32,capacity:u32,heads:u32,kv_heads:u32,scale:f32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> lengths:array<vec2<u32>>;\n"
    "@group(0)@binding(2)var<storage,read> q:array<f32>;\n"
    "@group(0)@binding(3)var<storage,read> k:array<f32>;\n"
    "@group(0)@binding(4)var<storage,read> v:array<f32>;\n"
    "@group(0)@binding(5)var<storage,read_write> y:array<f32>;\n"
    "@group(0)@binding(6)var<storage,read_write> most:array<f32>;\n"
    "@group(0)@binding(7)var<storage,read_write> sum:array<f32>;\n"
    "var<workgroup> query:array<f32,dim>;\n"
    "var<workgroup> scores:array<f32,size>;\n"
    "var<workgroup> weights:array<f32,size>;\n"
    "var<workgroup> maxima:array<f32,blocks>;\n"
    "var<workgroup> factors:array<f32,blocks>;\n"
    "var<private> kept:array<f32,8>;\n"
    "@compute @workgroup_size(size)\n"
    "fn attention_row(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>){\n"
    "let row =(group.z * p.n + group.y)* p.heads + group.x;\n"
    "let first_key = group.z * p.capacity * p.kv_heads + group.x /(p.heads / p.kv_heads);\n"
    "var sees = min(lengths[group.z].y,p.capacity);\n"
    "if(causal){\n"
    "sees = min(sees,lengths[group.z].x + group.y + 1);\n"
    "}\n"
    "for(var c = local;c < dim;c += size){\n"
    "query[c]= domain(q[row * dim + c]);\n"
    "}\n"
    "var m = -infinity();\n"
    "var total = 0.0;\n"
    "for(var first = 0u;first < sees;first += size){\n"
    "workgroupBarrier();\n"
    "let key = first + local;\n"
    "var s = 0.0;\n"
    "if(key < sees){\n"
    "let at =(first_key + key * p.kv_heads)* dim;\n"
    "for(var c = 0u;c < dim;c++){\n"
    "s += query[c]* domain(k[at + c]);\n"
    "}\n"
    "}\n"
    "s = p.scale * s;\n"
    "scores[local]= s;\n"
    "workgroupBarrier();\n"
    "if(local < blocks){\n"
    "var greatest = -infinity();\n"
    "for(var j = 0u;j < wide;j++){\n"
    "if(first + local * wide + j < sees){\n"
    "greatest = max(greatest,scores[local * wide + j]);\n"
    "}\n"
    "}\n"
    "maxima[local]= greatest;\n"
    "}\n"
    "workgroupBarrier();\n"
    "var mine = m;\n"
    "for(var b = 0u;b <= local / wide;b++){\n"
    "mine = max(mine,maxima[b]);\n"
    "}\n"
    "weights[local]= 0.0;\n"
    "if(key < sees){\n"
    "weights[local]= domain(exp(s - mine));\n"
    "}\n"
    "if(local < blocks){\n"
    "var before = m;\n"
    "for(var b = 0u;b < local;b++){\n"
    "before = max(before,maxima[b]);\n"
    "}\n"
    "let after = max(before,maxima[local]);\n"
    "factors[local]= select(exp(before - after),1.0,before == after);\n"
    "}\n"
    "for(var b = 0u;b < blocks;b++){\n"
    "m = max(m,maxima[b]);\n"
    "}\n"
    "workgroupBarrier();\n"
    "for(var j = 0u;j < min(size,sees - first);j++){\n"
    "let a = factors[j / wide];\n"
    "if(j % wide == 0 && a != 1.0){\n"
    "total = domain(total)* domain(a);\n"
    "for(var i = 0u;i <(dim + size - 1)/ size;i++){\n"
    "kept[i]= domain(kept[i])* domain(a);\n"
    "}\n"
    "}\n"
    "let w = weights[j];\n"
    "if(w != 0.0){\n"
    "total += w;\n"
    "for(var i = 0u;i <(dim + size - 1)/ size;i++){\n"
    "kept[i]+= w * domain(v[(first_key +(first + j)* p.kv_heads)* dim + local + i * size]);\n"
    "}\n"
    "}\n"
    "}\n"
    "}\n"
    "for(var c = local;c < dim;c += size){\n"
    "y[row * dim + c]= select(kept[c / size]/ total,0.0,total == 0.0);\n"
    "}\n"
    "if(local == 0){\n"
    "most[row]= m;\n"
    "sum[row]= total;\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding attention_row_bindings[] = {
    {"lengths", "vec2<u32>", 0},
    {"q", "f32", 0},
    {"k", "f32", 0},
    {"v", "f32", 0},
    {"y", "f32", 1},
    {"most", "f32", 1},
    {"sum", "f32", 1},
};

static const gw_lib_value attention_row_tile[] = {
    {"size", 64},
};

static void attention_row_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    (void)t;
    groups[0] = (uint64_t)p[3];
    groups[1] = (uint64_t)p[1];
    groups[2] = (uint64_t)p[0];
}

const gw_lib_op gw_lib_attention_row = {
    "attention_row", attention_row_source, sizeof attention_row_source - 1, 6, 7, 1, attention_row_bindings, attention_row_tile, attention_row_grid,
};

static const char attention_delta_source[] =
    "fn domain(x:f32)-> f32{\n"
    "return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);\n"
    "}\n"
    "fn domain_bf16(bits:u32)-> f32{\n"
    "return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);\n"
    "}\n"
    "override size:u32 = 64;\n"
    "override each:u32 = 1;\n"
    "fn first_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{\n"
    "return(group.y * groups.x + group.x)* size * each + local;\n"
    "}\n"
    "struct Params{rows:u32,dim:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> y:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read> dy:array<f32>;\n"
    "@group(0)@binding(3)var<storage,read> most:array<f32>;\n"
    "@group(0)@binding(4)var<storage,read> sum:array<f32>;\n"
    "@group(0)@binding(5)var<storage,read_write> saved:array<f32>;\n"
    "@compute @workgroup_size(size)\n"
    "fn attention_delta(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "var row = first_of(local,group,groups);\n"
    "for(var e = 0u;e < each;e++){\n"
    "if(row >= p.rows){\n"
    "return;\n"
    "}\n"
    "var delta = 0.0;\n"
    "for(var c = 0u;c < p.dim;c++){\n"
    "delta += domain(dy[row * p.dim + c])* domain(y[row * p.dim + c]);\n"
    "}\n"
    "saved[3 * row]= most[row];\n"
    "saved[3 * row + 1]= 1.0 / sum[row];\n"
    "saved[3 * row + 2]= delta;\n"
    "row += size;\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding attention_delta_bindings[] = {
    {"y", "f32", 0},
    {"dy", "f32", 0},
    {"most", "f32", 0},
    {"sum", "f32", 0},
    {"saved", "f32", 1},
};

static const gw_lib_value attention_delta_tile[] = {
    {"each", 1},
    {"size", 64},
};

static void attention_delta_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of((uint64_t)p[0], ((uint64_t)t[1] * (uint64_t)t[0])), 65535);
    groups[1] = max_of(ceil_of(ceil_of((uint64_t)p[0], ((uint64_t)t[1] * (uint64_t)t[0])), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_attention_delta = {
    "attention_delta", attention_delta_source, sizeof attention_delta_source - 1, 2, 5, 2, attention_delta_bindings, attention_delta_tile, attention_delta_grid,
};

static const char attention_dq_source[] =
    "fn domain(x:f32)-> f32{\n"
    "return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);\n"
    "}\n"
    "fn domain_bf16(bits:u32)-> f32{\n"
    "return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);\n"
    "}\n"
    "override size:u32 = 128;\n"
    "override dim:u32 = 64;\n"
    "override causal:bool = false;\n"
    "override high:u32 = size / 4;\n"
    "const wide = 32u;\n"
    "const stride = 33u;\n"
    "struct Params{batch:u32,n:u32,capacity:u32,heads:u32,kv_heads:u32,scale:f32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> lengths:array<vec2<u32>>;\n"
    "var<workgroup> part:array<f32,(high + 1)* stride>;\n"
    "var<workgroup> block:array<f32,wide * stride>;\n"
    "struct Place{batch:u32,kv_head:u32,first:u32}\n"
    "struct Seat{local:u32,x:u32,y:u32}\n"
    "struct Eight{a:vec4<f32>,b:vec4<f32>}\n"
    "var<private> kept:array<vec4<f32>,16>;\n"
    "fn place_of(group:vec3<u32>)-> Place{\n"
    "return Place(group.z,group.y,group.x * high);\n"
    "}\n"
    "fn seat_of(local:u32)-> Seat{\n"
    "return Seat(local,local % wide,local / wide * 8);\n"
    "}\n"
    "fn group_heads()-> u32{\n"
    "return p.heads / p.kv_heads;\n"
    "}\n"
    "fn query_rows()-> u32{\n"
    "return p.n * group_heads();\n"
    "}\n"
    "fn query_at(at:Place,row:u32)-> u32{\n"
    "let g = group_heads();\n"
    "return(at.batch * p.n + row / g)* p.heads + at.kv_head * g + row % g;\n"
    "}\n"
    "fn key_at(at:Place,key:u32)-> u32{\n"
    "return(at.batch * p.capacity + key)* p.kv_heads + at.kv_head;\n"
    "}\n"
    "fn keys_of(at:Place)-> u32{\n"
    "return min(lengths[at.batch].y,p.capacity);\n"
    "}\n"
    "fn seen_by(at:Place,row:u32)-> u32{\n"
    "var keys = keys_of(at);\n"
    "if(causal){\n"
    "keys = min(keys,lengths[at.batch].x + row / group_heads()+ 1);\n"
    "}\n"
    "return select(0,keys,row < query_rows());\n"
    "}\n"
    "fn products(at:Place,me:Seat,matrix:u32,first:u32)-> Eight{\n"
    "var s:Eight;\n"
    "for(var start = 0u;start < dim;start += wide){\n"
    "workgroupBarrier();\n"
    "for(var i = me.local;i < high * wide;i += size){\n"
    "part[i / wide * stride + i % wide]= domain(owned(at,matrix,at.first + i / wide,start + i % wide));\n"
    "}\n"
    "for(var i = me.local;i < wide * wide;i += size){\n"
    "block[i % wide * stride + i / wide]= other(at,matrix,first + i / wide,start + i % wide);\n"
    "}\n"
    "workgroupBarrier();\n"
    "for(var c = 0u;c < min(wide,dim - start);c++){\n"
    "let k = c % wide;\n"
    "let l = eight(me,k);\n"
    "let r = domain(block[k * stride + me.x]);\n"
    "s.a += l.a * r;\n"
    "s.b += l.b * r;\n"
    "}\n"
    "}\n"
    "return s;\n"
    "}\n"
    "fn eight(me:Seat,column:u32)-> Eight{\n"
    "let i = me.y * stride + column;\n"
    "return Eight(vec4(part[i],part[i + stride],part[i + 2 * stride],part[i + 3 * stride]),\n"
    "vec4(part[i + 4 * stride],part[i + 5 * stride],part[i + 6 * stride],part[i + 7 * stride]));\n"
    "}\n"
    "fn put(me:Seat,v:Eight,row:u32,column:u32){\n"
    "workgroupBarrier();\n"
    "let i = me.y * row + me.x * column;\n"
    "block[i]= v.a.x;\n"
    "block[i + row]= v.a.y;\n"
    "block[i + 2 * row]= v.a.z;\n"
    "block[i + 3 * row]= v.a.w;\n"
    "block[i + 4 * row]= v.b.x;\n"
    "block[i + 5 * row]= v.b.y;\n"
    "block[i + 6 * row]= v.b.z;\n"
    "block[i + 7 * row]= v.b.w;\n"
    "workgroupBarrier();\n"
    "}\n"
    "fn weight_at(row:u32,j:u32)-> u32{\n"
    "return j *(high + 1)+ row;\n"
    "}\n"
    "fn put_products(me:Seat,v:Eight){\n"
    "put(me,v,1,high + 1);\n"
    "}\n"
    "fn put_results(me:Seat,v:Eight){\n"
    "put(me,v,stride,1);\n"
    "}\n"
    "fn result_at(i:u32)-> f32{\n"
    "return block[i / wide * stride + i % wide];\n"
    "}\n"
    "fn accumulate(at:Place,me:Seat,matrix:u32,first:u32,count:u32,start:u32){\n"
    "var s = kept_at(start);\n"
    "for(var j = 0u;j < count;j++){\n"
    "let i = weight_at(me.y,j % wide);\n"
    "var w = Eight(vec4(part[i],part[i + 1],part[i + 2],part[i + 3]),vec4(part[i + 4],part[i + 5],part[i + 6],part[i + 7]));\n"
    "let r = domain(other(at,matrix,first + j,start + me.x));\n"
    "if(all(w.a != vec4(0.0))&& all(w.b != vec4(0.0))){\n"
    "s.a += w.a * r;\n"
    "s.b += w.b * r;\n"
    "continue;\n"
    "}\n"
    "for(var half = 0u;half < 2;half++){\n"
    "let sum = select(s.a + w.a * r,s.a,w.a == vec4(0.0));\n"
    "s = Eight(s.b,sum);\n"
    "w = Eight(w.b,w.a);\n"
    "}\n"
    "}\n"
    "kept[start / wide * 2]= s.a;\n"
    "kept[start / wide * 2 + 1]= s.b;\n"
    "}\n"
    "fn kept_at(start:u32)-> Eight{\n"
    "return Eight(kept[start / wide * 2],kept[start / wide * 2 + 1]);\n"
    "}\n"
    "fn domain4(v:vec4<f32>)-> vec4<f32>{\n"
    "return vec4(domain(v.x),domain(v.y),domain(v.z),domain(v.w));\n"
    "}\n"
    "@group(0)@binding(2)var<storage,read> q:array<f32>;\n"
    "@group(0)@binding(3)var<storage,read> k:array<f32>;\n"
    "@group(0)@binding(4)var<storage,read> v:array<f32>;\n"
    "@group(0)@binding(5)var<storage,read> dy:array<f32>;\n"
    "@group(0)@binding(6)var<storage,read> saved:array<f32>;\n"
    "fn query_part(at:Place,matrix:u32,row:u32,c:u32)-> f32{\n"
    "let i = query_at(at,row)* dim + c;\n"
    "if(matrix == 0){\n"
    "return q[i];\n"
    "}\n"
    "return dy[i];\n"
    "}\n"
    "fn key_part(at:Place,matrix:u32,key:u32,c:u32)-> f32{\n"
    "let i = key_at(at,key)* dim + c;\n"
    "if(matrix == 0){\n"
    "return k[i];\n"
    "}\n"
    "return v[i];\n"
    "}\n"
    "override values:bool = false;\n"
    "struct Two{first:Eight,second:Eight}\n"
    "fn two_products(at:Place,me:Seat,first:u32)-> Two{\n"
    "var both:Two;\n"
    "for(var matrix = 0u;matrix < 2;matrix++){\n"
    "both.first = both.second;\n"
    "if(!values || matrix == 1){\n"
    "both.second = products(at,me,select(matrix,0,values),first);\n"
    "}\n"
    "}\n"
    "if(values){\n"
    "both.first = both.second;\n"
    "}\n"
    "return both;\n"
    "}\n"
    "fn weight(i:u32,s:f32)-> f32{\n"
    "return domain(exp(p.scale * s - saved[3 * i]))* saved[3 * i + 1];\n"
    "}\n"
    "fn slope(i:u32,w:f32,g:f32)-> f32{\n"
    "return domain(w *(g - saved[3 * i + 2]));\n"
    "}\n"
    "@group(0)@binding(7)var<storage,read_write> dq:array<f32>;\n"
    "fn owned(at:Place,matrix:u32,row:u32,c:u32)-> f32{\n"
    "return query_part(at,matrix,row,c);\n"
    "}\n"
    "fn other(at:Place,matrix:u32,key:u32,c:u32)-> f32{\n"
    "return key_part(at,matrix,key,c);\n"
    "}\n"
    "@compute @workgroup_size(size)\n"
    "fn attention_dq(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>){\n"
    "let at = place_of(group);\n"
    "let me = seat_of(local);\n"
    "let end = seen_by(at,min(at.first + high,query_rows())- 1);\n"
    "for(var first = 0u;first < end;first += wide){\n"
    "let both = two_products(at,me,first);\n"
    "let g = both.second;\n"
    "put_products(me,both.first);\n"
    "for(var i = 0u;i < 8;i++){\n"
    "let row = at.first + me.y + i;\n"
    "let to = weight_at(me.y + i,me.x);\n"
    "let w = block[to];\n"
    "var d = 0.0;\n"
    "if(first + me.x < seen_by(at,row)){\n"
    "let n = query_at(at,row);\n"
    "d = slope(n,weight(n,w),select(g.b[i % 4],g.a[i % 4],i < 4));\n"
    "}\n"
    "part[to]= d;\n"
    "}\n"
    "workgroupBarrier();\n"
    "for(var start = 0u;start < dim;start += wide){\n"
    "accumulate(at,me,0,first,min(wide,end - first),start);\n"
    "}\n"
    "}\n"
    "for(var start = 0u;start < dim;start += wide){\n"
    "put_results(me,kept_at(start));\n"
    "for(var i = local;i < high * wide;i += size){\n"
    "let row = at.first + i / wide;\n"
    "let c = start + i % wide;\n"
    "if(row < query_rows()&& c < dim){\n"
    "dq[query_at(at,row)* dim + c]= result_at(i)* p.scale;\n"
    "}\n"
    "}\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding attention_dq_bindings[] = {
    {"lengths", "vec2<u32>", 0},
    {"q", "f32", 0},
    {"k", "f32", 0},
    {"v", "f32", 0},
    {"dy", "f32", 0},
    {"saved", "f32", 0},
    {"dq", "f32", 1},
};

static const gw_lib_value attention_dq_tile[] = {
    {"size", 128},
};

static void attention_dq_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = ceil_of(((uint64_t)p[1] * ((uint64_t)p[3] / max_of((uint64_t)p[4], 1))), ((uint64_t)t[0] / 4));
    groups[1] = (uint64_t)p[4];
    groups[2] = (uint64_t)p[0];
}

const gw_lib_op gw_lib_attention_dq = {
    "attention_dq", attention_dq_source, sizeof attention_dq_source - 1, 6, 7, 1, attention_dq_bindings, attention_dq_tile, attention_dq_grid,
};

static const char attention_dkv_source[] =
    "fn domain(x:f32)-> f32{\n"
    "return select(0.0,x,(bitcast<u32>(x)& 0x7fffffff)>= 0x26000000);\n"
    "}\n"
    "fn domain_bf16(bits:u32)-> f32{\n"
    "return select(0.0,bitcast<f32>(bits),(bits & 0x7fffffff)>= 0x24000000);\n"
    "}\n"
    "override size:u32 = 128;\n"
    "override dim:u32 = 64;\n"
    "override causal:bool = false;\n"
    "override high:u32 = size / 4;\n"
    "const wide = 32u;\n"
    "const stride = 33u;\n"
    "struct Params{batch:u32,n:u32,capacity:u32,heads:u32,kv_heads:u32,scale:f32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> lengths:array<vec2<u32>>;\n"
    "var<workgroup> part:array<f32,(high + 1)* stride>;\n"
    "var<workgroup> block:array<f32,wide * stride>;\n"
    "struct Place{batch:u32,kv_head:u32,first:u32}\n"
    "struct Seat{local:u32,x:u32,y:u32}\n"
    "struct Eight{a:vec4<f32>,b:vec4<f32>}\n"
    "var<private> kept:array<vec4<f32>,16>;\n"
    "fn place_of(group:vec3<u32>)-> Place{\n"
    "return Place(group.z,group.y,group.x * high);\n"
    "}\n"
    "fn seat_of(local:u32)-> Seat{\n"
    "return Seat(local,local % wide,local / wide * 8);\n"
    "}\n"
    "fn group_heads()-> u32{\n"
    "return p.heads / p.kv_heads;\n"
    "}\n"
    "fn query_rows()-> u32{\n"
    "return p.n * group_heads();\n"
    "}\n"
    "fn query_at(at:Place,row:u32)-> u32{\n"
    "let g = group_heads();\n"
    "return(at.batch * p.n + row / g)* p.heads + at.kv_head * g + row % g;\n"
    "}\n"
    "fn key_at(at:Place,key:u32)-> u32{\n"
    "return(at.batch * p.capacity + key)* p.kv_heads + at.kv_head;\n"
    "}\n"
    "fn keys_of(at:Place)-> u32{\n"
    "return min(lengths[at.batch].y,p.capacity);\n"
    "}\n"
    "fn seen_by(at:Place,row:u32)-> u32{\n"
    "var keys = keys_of(at);\n"
    "if(causal){\n"
    "keys = min(keys,lengths[at.batch].x + row / group_heads()+ 1);\n"
    "}\n"
    "return select(0,keys,row < query_rows());\n"
    "}\n"
    "fn products(at:Place,me:Seat,matrix:u32,first:u32)-> Eight{\n"
    "var s:Eight;\n"
    "for(var start = 0u;start < dim;start += wide){\n"
    "workgroupBarrier();\n"
    "for(var i = me.local;i < high * wide;i += size){\n"
    "part[i / wide * stride + i % wide]= domain(owned(at,matrix,at.first + i / wide,start + i % wide));\n"
    "}\n"
    "for(var i = me.local;i < wide * wide;i += size){\n"
    "block[i % wide * stride + i / wide]= other(at,matrix,first + i / wide,start + i % wide);\n"
    "}\n"
    "workgroupBarrier();\n"
    "for(var c = 0u;c < min(wide,dim - start);c++){\n"
    "let k = c % wide;\n"
    "let l = eight(me,k);\n"
    "let r = domain(block[k * stride + me.x]);\n"
    "s.a += l.a * r;\n"
    "s.b += l.b * r;\n"
    "}\n"
    "}\n"
    "return s;\n"
    "}\n"
    "fn eight(me:Seat,column:u32)-> Eight{\n"
    "let i = me.y * stride + column;\n"
    "return Eight(vec4(part[i],part[i + stride],part[i + 2 * stride],part[i + 3 * stride]),\n"
    "vec4(part[i + 4 * stride],part[i + 5 * stride],part[i + 6 * stride],part[i + 7 * stride]));\n"
    "}\n"
    "fn put(me:Seat,v:Eight,row:u32,column:u32){\n"
    "workgroupBarrier();\n"
    "let i = me.y * row + me.x * column;\n"
    "block[i]= v.a.x;\n"
    "block[i + row]= v.a.y;\n"
    "block[i + 2 * row]= v.a.z;\n"
    "block[i + 3 * row]= v.a.w;\n"
    "block[i + 4 * row]= v.b.x;\n"
    "block[i + 5 * row]= v.b.y;\n"
    "block[i + 6 * row]= v.b.z;\n"
    "block[i + 7 * row]= v.b.w;\n"
    "workgroupBarrier();\n"
    "}\n"
    "fn weight_at(row:u32,j:u32)-> u32{\n"
    "return j *(high + 1)+ row;\n"
    "}\n"
    "fn put_products(me:Seat,v:Eight){\n"
    "put(me,v,1,high + 1);\n"
    "}\n"
    "fn put_results(me:Seat,v:Eight){\n"
    "put(me,v,stride,1);\n"
    "}\n"
    "fn result_at(i:u32)-> f32{\n"
    "return block[i / wide * stride + i % wide];\n"
    "}\n"
    "fn accumulate(at:Place,me:Seat,matrix:u32,first:u32,count:u32,start:u32){\n"
    "var s = kept_at(start);\n"
    "for(var j = 0u;j < count;j++){\n"
    "let i = weight_at(me.y,j % wide);\n"
    "var w = Eight(vec4(part[i],part[i + 1],part[i + 2],part[i + 3]),vec4(part[i + 4],part[i + 5],part[i + 6],part[i + 7]));\n"
    "let r = domain(other(at,matrix,first + j,start + me.x));\n"
    "if(all(w.a != vec4(0.0))&& all(w.b != vec4(0.0))){\n"
    "s.a += w.a * r;\n"
    "s.b += w.b * r;\n"
    "continue;\n"
    "}\n"
    "for(var half = 0u;half < 2;half++){\n"
    "let sum = select(s.a + w.a * r,s.a,w.a == vec4(0.0));\n"
    "s = Eight(s.b,sum);\n"
    "w = Eight(w.b,w.a);\n"
    "}\n"
    "}\n"
    "kept[start / wide * 2]= s.a;\n"
    "kept[start / wide * 2 + 1]= s.b;\n"
    "}\n"
    "fn kept_at(start:u32)-> Eight{\n"
    "return Eight(kept[start / wide * 2],kept[start / wide * 2 + 1]);\n"
    "}\n"
    "fn domain4(v:vec4<f32>)-> vec4<f32>{\n"
    "return vec4(domain(v.x),domain(v.y),domain(v.z),domain(v.w));\n"
    "}\n"
    "@group(0)@binding(2)var<storage,read> q:array<f32>;\n"
    "@group(0)@binding(3)var<storage,read> k:array<f32>;\n"
    "@group(0)@binding(4)var<storage,read> v:array<f32>;\n"
    "@group(0)@binding(5)var<storage,read> dy:array<f32>;\n"
    "@group(0)@binding(6)var<storage,read> saved:array<f32>;\n"
    "fn query_part(at:Place,matrix:u32,row:u32,c:u32)-> f32{\n"
    "let i = query_at(at,row)* dim + c;\n"
    "if(matrix == 0){\n"
    "return q[i];\n"
    "}\n"
    "return dy[i];\n"
    "}\n"
    "fn key_part(at:Place,matrix:u32,key:u32,c:u32)-> f32{\n"
    "let i = key_at(at,key)* dim + c;\n"
    "if(matrix == 0){\n"
    "return k[i];\n"
    "}\n"
    "return v[i];\n"
    "}\n"
    "override values:bool = false;\n"
    "struct Two{first:Eight,second:Eight}\n"
    "fn two_products(at:Place,me:Seat,first:u32)-> Two{\n"
    "var both:Two;\n"
    "for(var matrix = 0u;matrix < 2;matrix++){\n"
    "both.first = both.second;\n"
    "if(!values || matrix == 1){\n"
    "both.second = products(at,me,select(matrix,0,values),first);\n"
    "}\n"
    "}\n"
    "if(values){\n"
    "both.first = both.second;\n"
    "}\n"
    "return both;\n"
    "}\n"
    "fn weight(i:u32,s:f32)-> f32{\n"
    "return domain(exp(p.scale * s - saved[3 * i]))* saved[3 * i + 1];\n"
    "}\n"
    "fn slope(i:u32,w:f32,g:f32)-> f32{\n"
    "return domain(w *(g - saved[3 * i + 2]));\n"
    "}\n"
    "@group(0)@binding(7)var<storage,read_write> dx:array<f32>;\n"
    "fn owned(at:Place,matrix:u32,key:u32,c:u32)-> f32{\n"
    "return key_part(at,matrix,key,c);\n"
    "}\n"
    "fn other(at:Place,matrix:u32,row:u32,c:u32)-> f32{\n"
    "return query_part(at,matrix,row,c);\n"
    "}\n"
    "@compute @workgroup_size(size)\n"
    "fn attention_dkv(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>){\n"
    "let at = place_of(group);\n"
    "let me = seat_of(local);\n"
    "let end = select(0,query_rows(),at.first < keys_of(at));\n"
    "var begin = 0u;\n"
    "if(causal){\n"
    "let start = lengths[at.batch].x;\n"
    "begin = select(0,min(at.first - start,p.n)* group_heads(),at.first > start);\n"
    "}\n"
    "for(var first = begin;first < end;first += wide){\n"
    "let both = two_products(at,me,first);\n"
    "let g = both.second;\n"
    "put_products(me,both.first);\n"
    "let row = first + me.x;\n"
    "let sees = seen_by(at,row);\n"
    "let n = query_at(at,row);\n"
    "for(var i = 0u;i < 8;i++){\n"
    "let to = weight_at(me.y + i,me.x);\n"
    "var d = 0.0;\n"
    "if(at.first + me.y + i < sees){\n"
    "let w = weight(n,block[to]);\n"
    "d = domain(w);\n"
    "if(!values){\n"
    "d = slope(n,w,select(g.b[i % 4],g.a[i % 4],i < 4));\n"
    "}\n"
    "}\n"
    "part[to]= d;\n"
    "}\n"
    "workgroupBarrier();\n"
    "for(var start = 0u;start < dim;start += wide){\n"
    "accumulate(at,me,select(0u,1u,values),first,min(wide,end - first),start);\n"
    "}\n"
    "}\n"
    "for(var start = 0u;start < dim;start += wide){\n"
    "put_results(me,kept_at(start));\n"
    "for(var i = local;i < high * wide;i += size){\n"
    "let key = at.first + i / wide;\n"
    "let c = start + i % wide;\n"
    "if(key < p.capacity && c < dim){\n"
    "dx[key_at(at,key)* dim + c]= result_at(i)* select(p.scale,1.0,values);\n"
    "}\n"
    "}\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding attention_dkv_bindings[] = {
    {"lengths", "vec2<u32>", 0},
    {"q", "f32", 0},
    {"k", "f32", 0},
    {"v", "f32", 0},
    {"dy", "f32", 0},
    {"saved", "f32", 0},
    {"dx", "f32", 1},
};

static const gw_lib_value attention_dkv_tile[] = {
    {"size", 128},
};

static void attention_dkv_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = ceil_of((uint64_t)p[2], ((uint64_t)t[0] / 4));
    groups[1] = (uint64_t)p[4];
    groups[2] = (uint64_t)p[0];
}

const gw_lib_op gw_lib_attention_dkv = {
    "attention_dkv", attention_dkv_source, sizeof attention_dkv_source - 1, 6, 7, 1, attention_dkv_bindings, attention_dkv_tile, attention_dkv_grid,
};

static const char embedding_source[] =
    "override size:u32 = 32;\n"
    "override tall:u32 = 2;\n"
    "fn row_of(local:vec3<u32>,group:vec3<u32>,groups:vec3<u32>)-> u32{\n"
    "return(group.z * groups.y + group.y)* tall + local.y;\n"
    "}\n"
    "struct Params{n:u32,vocab:u32,dim:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> ids:array<u32>;\n"
    "@group(0)@binding(2)var<storage,read> table:array<u32>;\n"
    "@group(0)@binding(3)var<storage,read_write> y:array<u32>;\n"
    "@compute @workgroup_size(size,tall)\n"
    "fn embedding(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "let t = row_of(local,group,groups);\n"
    "let c = group.x * size + local.x;\n"
    "if(t >= p.n || c >= p.dim){\n"
    "return;\n"
    "}\n"
    "let id = ids[t];\n"
    "var v = 0u;\n"
    "if(id < p.vocab){\n"
    "v = table[id * p.dim + c];\n"
    "}\n"
    "y[t * p.dim + c]= v;\n"
    "}\n"
    ;

static const gw_lib_binding embedding_bindings[] = {
    {"ids", "u32", 0},
    {"table", "u32", 0},
    {"y", "u32", 1},
};

static const gw_lib_value embedding_tile[] = {
    {"size", 32},
    {"tall", 2},
};

static void embedding_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = ceil_of((uint64_t)p[2], (uint64_t)t[0]);
    groups[1] = min_of(ceil_of((uint64_t)p[0], (uint64_t)t[1]), 65535);
    groups[2] = max_of(ceil_of(ceil_of((uint64_t)p[0], (uint64_t)t[1]), 65535), 1);
}

const gw_lib_op gw_lib_embedding = {
    "embedding", embedding_source, sizeof embedding_source - 1, 3, 3, 2, embedding_bindings, embedding_tile, embedding_grid,
};

static const char embedding_index_source[] =
    "override size:u32 = 64;\n"
    "override each:u32 = 1;\n"
    "fn first_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{\n"
    "return(group.y * groups.x + group.x)* size * each + local;\n"
    "}\n"
    "struct Params{n:u32,vocab:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> ids:array<u32>;\n"
    "@group(0)@binding(2)var<storage,read_write> head:array<atomic<u32>>;\n"
    "@group(0)@binding(3)var<storage,read_write> next:array<u32>;\n"
    "@compute @workgroup_size(size)\n"
    "fn embedding_index(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "var t = first_of(local,group,groups);\n"
    "for(var e = 0u;e < each;e++){\n"
    "if(t >= p.n){\n"
    "return;\n"
    "}\n"
    "let id = ids[t];\n"
    "var u = p.n;\n"
    "if(id < p.vocab){\n"
    "atomicMax(&head[id],p.n - t);\n"
    "u = t + 1u;\n"
    "while(u < p.n){\n"
    "if(ids[u]== id){\n"
    "break;\n"
    "}\n"
    "u++;\n"
    "}\n"
    "}\n"
    "next[t]= u;\n"
    "t += size;\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding embedding_index_bindings[] = {
    {"ids", "u32", 0},
    {"head", "u32", 1},
    {"next", "u32", 1},
};

static const gw_lib_value embedding_index_tile[] = {
    {"each", 1},
    {"size", 64},
};

static void embedding_index_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of((uint64_t)p[0], ((uint64_t)t[1] * (uint64_t)t[0])), 65535);
    groups[1] = max_of(ceil_of(ceil_of((uint64_t)p[0], ((uint64_t)t[1] * (uint64_t)t[0])), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_embedding_index = {
    "embedding_index", embedding_index_source, sizeof embedding_index_source - 1, 2, 3, 2, embedding_index_bindings, embedding_index_tile, embedding_index_grid,
};

static const char embedding_backward_source[] =
    "override size:u32 = 32;\n"
    "override tall:u32 = 2;\n"
    "fn row_of(local:vec3<u32>,group:vec3<u32>,groups:vec3<u32>)-> u32{\n"
    "return(group.z * groups.y + group.y)* tall + local.y;\n"
    "}\n"
    "override accumulate:bool = false;\n"
    "struct Params{n:u32,vocab:u32,dim:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> head:array<u32>;\n"
    "@group(0)@binding(2)var<storage,read> next:array<u32>;\n"
    "@group(0)@binding(3)var<storage,read> dy:array<f32>;\n"
    "@group(0)@binding(4)var<storage,read_write> dtable:array<f32>;\n"
    "@compute @workgroup_size(size,tall)\n"
    "fn embedding_backward(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "let v = row_of(local,group,groups);\n"
    "let c = group.x * size + local.x;\n"
    "if(v >= p.vocab || c >= p.dim){\n"
    "return;\n"
    "}\n"
    "var sum = 0.0;\n"
    "if(accumulate){\n"
    "sum = dtable[v * p.dim + c];\n"
    "}\n"
    "var t = p.n - head[v];\n"
    "while(t < p.n){\n"
    "sum += dy[t * p.dim + c];\n"
    "t = next[t];\n"
    "}\n"
    "dtable[v * p.dim + c]= sum;\n"
    "}\n"
    ;

static const gw_lib_binding embedding_backward_bindings[] = {
    {"head", "u32", 0},
    {"next", "u32", 0},
    {"dy", "f32", 0},
    {"dtable", "f32", 1},
};

static const gw_lib_value embedding_backward_tile[] = {
    {"size", 32},
    {"tall", 2},
};

static void embedding_backward_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = ceil_of((uint64_t)p[2], (uint64_t)t[0]);
    groups[1] = min_of(ceil_of((uint64_t)p[1], (uint64_t)t[1]), 65535);
    groups[2] = max_of(ceil_of(ceil_of((uint64_t)p[1], (uint64_t)t[1]), 65535), 1);
}

const gw_lib_op gw_lib_embedding_backward = {
    "embedding_backward", embedding_backward_source, sizeof embedding_backward_source - 1, 3, 4, 2, embedding_backward_bindings, embedding_backward_tile, embedding_backward_grid,
};

static const char rotary_frequencies_source[] =
    "override size:u32 = 64;\n"
    "override each:u32 = 1;\n"
    "fn first_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{\n"
    "return(group.y * groups.x + group.x)* size * each + local;\n"
    "}\n"
    "struct Params{n:u32,base:f32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read_write> frequency:array<f32>;\n"
    "@compute @workgroup_size(size)\n"
    "fn rotary_frequencies(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "var i = first_of(local,group,groups);\n"
    "for(var e = 0u;e < each;e++){\n"
    "if(i >= p.n){\n"
    "return;\n"
    "}\n"
    "frequency[i]= exp2(-((f32(i)/ f32(p.n))* log2(p.base)));\n"
    "i += size;\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding rotary_frequencies_bindings[] = {
    {"frequency", "f32", 1},
};

static const gw_lib_value rotary_frequencies_tile[] = {
    {"each", 1},
    {"size", 64},
};

static void rotary_frequencies_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of((uint64_t)p[0], ((uint64_t)t[1] * (uint64_t)t[0])), 65535);
    groups[1] = max_of(ceil_of(ceil_of((uint64_t)p[0], ((uint64_t)t[1] * (uint64_t)t[0])), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_rotary_frequencies = {
    "rotary_frequencies", rotary_frequencies_source, sizeof rotary_frequencies_source - 1, 2, 1, 2, rotary_frequencies_bindings, rotary_frequencies_tile, rotary_frequencies_grid,
};

static const char rotary_table_source[] =
    "override size:u32 = 32;\n"
    "override tall:u32 = 2;\n"
    "fn row_of(local:vec3<u32>,group:vec3<u32>,groups:vec3<u32>)-> u32{\n"
    "return(group.z * groups.y + group.y)* tall + local.y;\n"
    "}\n"
    "struct Params{rows:u32,n:u32,first:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> frequency:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read_write> cosine:array<f32>;\n"
    "@group(0)@binding(3)var<storage,read_write> sine:array<f32>;\n"
    "@compute @workgroup_size(size,tall)\n"
    "fn rotary_table(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "let row = row_of(local,group,groups);\n"
    "let i = group.x * size + local.x;\n"
    "if(row >= p.rows || i >= p.n){\n"
    "return;\n"
    "}\n"
    "let angle = f32(p.first + row)* frequency[i];\n"
    "cosine[row * p.n + i]= cos(angle);\n"
    "sine[row * p.n + i]= sin(angle);\n"
    "}\n"
    ;

static const gw_lib_binding rotary_table_bindings[] = {
    {"frequency", "f32", 0},
    {"cosine", "f32", 1},
    {"sine", "f32", 1},
};

static const gw_lib_value rotary_table_tile[] = {
    {"size", 32},
    {"tall", 2},
};

static void rotary_table_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = ceil_of((uint64_t)p[1], (uint64_t)t[0]);
    groups[1] = min_of(ceil_of((uint64_t)p[0], (uint64_t)t[1]), 65535);
    groups[2] = max_of(ceil_of(ceil_of((uint64_t)p[0], (uint64_t)t[1]), 65535), 1);
}

const gw_lib_op gw_lib_rotary_table = {
    "rotary_table", rotary_table_source, sizeof rotary_table_source - 1, 3, 3, 2, rotary_table_bindings, rotary_table_tile, rotary_table_grid,
};

static const char rotary_source[] =
    "override size:u32 = 32;\n"
    "override tall:u32 = 2;\n"
    "fn row_of(local:vec3<u32>,group:vec3<u32>,groups:vec3<u32>)-> u32{\n"
    "return(group.z * groups.y + group.y)* tall + local.y;\n"
    "}\n"
    "override inverse:bool = false;\n"
    "override neighbours:bool = false;\n"
    "struct Params{tokens:u32,heads:u32,dim:u32,n:u32,rows:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> positions:array<u32>;\n"
    "@group(0)@binding(2)var<storage,read> cosine:array<f32>;\n"
    "@group(0)@binding(3)var<storage,read> sine:array<f32>;\n"
    "@group(0)@binding(4)var<storage,read> x:array<f32>;\n"
    "@group(0)@binding(5)var<storage,read_write> y:array<f32>;\n"
    "@compute @workgroup_size(size,tall)\n"
    "fn rotary(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "let row = row_of(local,group,groups);\n"
    "let i = group.x * size + local.x;\n"
    "if(row >= p.tokens * p.heads || i >= p.n){\n"
    "return;\n"
    "}\n"
    "let position = positions[row / p.heads];\n"
    "var c = 0.0;\n"
    "var s = 0.0;\n"
    "if(position < p.rows){\n"
    "c = cosine[position * p.n + i];\n"
    "s = sine[position * p.n + i];\n"
    "}\n"
    "let first = row * p.dim;\n"
    "var at = first + i;\n"
    "var to = at + p.n;\n"
    "if(neighbours){\n"
    "at = first + 2u * i;\n"
    "to = at + 1u;\n"
    "}\n"
    "let a = x[at];\n"
    "let b = x[to];\n"
    "if(inverse){\n"
    "y[at]= a * c + b * s;\n"
    "y[to]= b * c - a * s;\n"
    "}else{\n"
    "y[at]= a * c - b * s;\n"
    "y[to]= b * c + a * s;\n"
    "}\n"
    "for(var e = 2u * p.n + i;e < p.dim;e += p.n){\n"
    "y[first + e]= x[first + e];\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding rotary_bindings[] = {
    {"positions", "u32", 0},
    {"cosine", "f32", 0},
    {"sine", "f32", 0},
    {"x", "f32", 0},
    {"y", "f32", 1},
};

static const gw_lib_value rotary_tile[] = {
    {"size", 32},
    {"tall", 2},
};

static void rotary_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = ceil_of((uint64_t)p[3], (uint64_t)t[0]);
    groups[1] = min_of(ceil_of(((uint64_t)p[0] * (uint64_t)p[1]), (uint64_t)t[1]), 65535);
    groups[2] = max_of(ceil_of(ceil_of(((uint64_t)p[0] * (uint64_t)p[1]), (uint64_t)t[1]), 65535), 1);
}

const gw_lib_op gw_lib_rotary = {
    "rotary", rotary_source, sizeof rotary_source - 1, 5, 5, 2, rotary_bindings, rotary_tile, rotary_grid,
};

static const char cache_append_source[] =
    "override size:u32 = 32;\n"
    "override tall:u32 = 2;\n"
    "fn row_of(local:vec3<u32>,group:vec3<u32>,groups:vec3<u32>)-> u32{\n"
    "return(group.z * groups.y + group.y)* tall + local.y;\n"
    "}\n"
    "struct Params{batch:u32,n:u32,capacity:u32,width:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> start:array<u32>;\n"
    "@group(0)@binding(2)var<storage,read> x:array<u32>;\n"
    "@group(0)@binding(3)var<storage,read_write> cache:array<u32>;\n"
    "@compute @workgroup_size(size,tall)\n"
    "fn cache_append(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "let row = row_of(local,group,groups);\n"
    "let c = group.x * size + local.x;\n"
    "if(row >= p.batch * p.n || c >= p.width){\n"
    "return;\n"
    "}\n"
    "let b = row / p.n;\n"
    "let i = row % p.n;\n"
    "let first = start[b];\n"
    "if(first < p.capacity && i < p.capacity - first){\n"
    "cache[(b * p.capacity + first + i)* p.width + c]= x[row * p.width + c];\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding cache_append_bindings[] = {
    {"start", "u32", 0},
    {"x", "u32", 0},
    {"cache", "u32", 1},
};

static const gw_lib_value cache_append_tile[] = {
    {"size", 32},
    {"tall", 2},
};

static void cache_append_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = ceil_of((uint64_t)p[3], (uint64_t)t[0]);
    groups[1] = min_of(ceil_of(((uint64_t)p[0] * (uint64_t)p[1]), (uint64_t)t[1]), 65535);
    groups[2] = max_of(ceil_of(ceil_of(((uint64_t)p[0] * (uint64_t)p[1]), (uint64_t)t[1]), 65535), 1);
}

const gw_lib_op gw_lib_cache_append = {
    "cache_append", cache_append_source, sizeof cache_append_source - 1, 4, 3, 2, cache_append_bindings, cache_append_tile, cache_append_grid,
};

static const char sgd_source[] =
    "override size:u32 = 64;\n"
    "override each:u32 = 1;\n"
    "fn first_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{\n"
    "return(group.y * groups.x + group.x)* size * each + local;\n"
    "}\n"
    "override nesterov:bool = false;\n"
    "struct Params{n:u32,rate:f32,momentum:f32,decay:f32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read_write> w:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read> g:array<f32>;\n"
    "@group(0)@binding(3)var<storage,read_write> v:array<f32>;\n"
    "@compute @workgroup_size(size)\n"
    "fn sgd(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "var i = first_of(local,group,groups);\n"
    "for(var e = 0u;e < each;e++){\n"
    "if(i >= p.n){\n"
    "return;\n"
    "}\n"
    "let d = g[i]+ p.decay * w[i];\n"
    "let velocity = p.momentum * v[i]+ d;\n"
    "var step = velocity;\n"
    "if(nesterov){\n"
    "step = d + p.momentum * velocity;\n"
    "}\n"
    "v[i]= velocity;\n"
    "w[i]= w[i]- p.rate * step;\n"
    "i += size;\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding sgd_bindings[] = {
    {"w", "f32", 1},
    {"g", "f32", 0},
    {"v", "f32", 1},
};

static const gw_lib_value sgd_tile[] = {
    {"each", 1},
    {"size", 64},
};

static void sgd_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of((uint64_t)p[0], ((uint64_t)t[1] * (uint64_t)t[0])), 65535);
    groups[1] = max_of(ceil_of(ceil_of((uint64_t)p[0], ((uint64_t)t[1] * (uint64_t)t[0])), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_sgd = {
    "sgd", sgd_source, sizeof sgd_source - 1, 4, 3, 2, sgd_bindings, sgd_tile, sgd_grid,
};

static const char adam_source[] =
    "override size:u32 = 64;\n"
    "override each:u32 = 1;\n"
    "fn first_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{\n"
    "return(group.y * groups.x + group.x)* size * each + local;\n"
    "}\n"
    "struct Params{n:u32,rate:f32,beta1:f32,beta2:f32,epsilon:f32,decay:f32,correct1:f32,correct2:f32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read_write> w:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read> g:array<f32>;\n"
    "@group(0)@binding(3)var<storage,read_write> m:array<f32>;\n"
    "@group(0)@binding(4)var<storage,read_write> v:array<f32>;\n"
    "fn adam_step(i:u32,start:f32,d:f32){\n"
    "let first = p.beta1 * m[i]+(1.0 - p.beta1)* d;\n"
    "let second = p.beta2 * v[i]+((1.0 - p.beta2)* d)* d;\n"
    "m[i]= first;\n"
    "v[i]= second;\n"
    "w[i]= start - p.rate *((first * p.correct1)/(sqrt(second * p.correct2)+ p.epsilon));\n"
    "}\n"
    "@compute @workgroup_size(size)\n"
    "fn adam(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "var i = first_of(local,group,groups);\n"
    "for(var e = 0u;e < each;e++){\n"
    "if(i >= p.n){\n"
    "return;\n"
    "}\n"
    "adam_step(i,w[i],g[i]+ p.decay * w[i]);\n"
    "i += size;\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding adam_bindings[] = {
    {"w", "f32", 1},
    {"g", "f32", 0},
    {"m", "f32", 1},
    {"v", "f32", 1},
};

static const gw_lib_value adam_tile[] = {
    {"each", 1},
    {"size", 64},
};

static void adam_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of((uint64_t)p[0], ((uint64_t)t[1] * (uint64_t)t[0])), 65535);
    groups[1] = max_of(ceil_of(ceil_of((uint64_t)p[0], ((uint64_t)t[1] * (uint64_t)t[0])), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_adam = {
    "adam", adam_source, sizeof adam_source - 1, 8, 4, 2, adam_bindings, adam_tile, adam_grid,
};

static const char adamw_source[] =
    "override size:u32 = 64;\n"
    "override each:u32 = 1;\n"
    "fn first_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{\n"
    "return(group.y * groups.x + group.x)* size * each + local;\n"
    "}\n"
    "struct Params{n:u32,rate:f32,beta1:f32,beta2:f32,epsilon:f32,decay:f32,correct1:f32,correct2:f32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read_write> w:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read> g:array<f32>;\n"
    "@group(0)@binding(3)var<storage,read_write> m:array<f32>;\n"
    "@group(0)@binding(4)var<storage,read_write> v:array<f32>;\n"
    "fn adam_step(i:u32,start:f32,d:f32){\n"
    "let first = p.beta1 * m[i]+(1.0 - p.beta1)* d;\n"
    "let second = p.beta2 * v[i]+((1.0 - p.beta2)* d)* d;\n"
    "m[i]= first;\n"
    "v[i]= second;\n"
    "w[i]= start - p.rate *((first * p.correct1)/(sqrt(second * p.correct2)+ p.epsilon));\n"
    "}\n"
    "@compute @workgroup_size(size)\n"
    "fn adamw(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "var i = first_of(local,group,groups);\n"
    "for(var e = 0u;e < each;e++){\n"
    "if(i >= p.n){\n"
    "return;\n"
    "}\n"
    "adam_step(i,w[i]*(1.0 - p.rate * p.decay),g[i]);\n"
    "i += size;\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding adamw_bindings[] = {
    {"w", "f32", 1},
    {"g", "f32", 0},
    {"m", "f32", 1},
    {"v", "f32", 1},
};

static const gw_lib_value adamw_tile[] = {
    {"each", 1},
    {"size", 64},
};

static void adamw_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of((uint64_t)p[0], ((uint64_t)t[1] * (uint64_t)t[0])), 65535);
    groups[1] = max_of(ceil_of(ceil_of((uint64_t)p[0], ((uint64_t)t[1] * (uint64_t)t[0])), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_adamw = {
    "adamw", adamw_source, sizeof adamw_source - 1, 8, 4, 2, adamw_bindings, adamw_tile, adamw_grid,
};

static const char clip_source[] =
    "override size:u32 = 64;\n"
    "override each:u32 = 1;\n"
    "fn first_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{\n"
    "return(group.y * groups.x + group.x)* size * each + local;\n"
    "}\n"
    "struct Params{n:u32,limit:f32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> squares:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read_write> g:array<f32>;\n"
    "@compute @workgroup_size(size)\n"
    "fn clip(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "let norm = sqrt(squares[0]);\n"
    "if(!(norm > p.limit)){\n"
    "return;\n"
    "}\n"
    "let factor = p.limit / norm;\n"
    "var i = first_of(local,group,groups);\n"
    "for(var e = 0u;e < each;e++){\n"
    "if(i >= p.n){\n"
    "return;\n"
    "}\n"
    "g[i]= g[i]* factor;\n"
    "i += size;\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding clip_bindings[] = {
    {"squares", "f32", 0},
    {"g", "f32", 1},
};

static const gw_lib_value clip_tile[] = {
    {"each", 1},
    {"size", 64},
};

static void clip_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of((uint64_t)p[0], ((uint64_t)t[1] * (uint64_t)t[0])), 65535);
    groups[1] = max_of(ceil_of(ceil_of((uint64_t)p[0], ((uint64_t)t[1] * (uint64_t)t[0])), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_clip = {
    "clip", clip_source, sizeof clip_source - 1, 2, 2, 2, clip_bindings, clip_tile, clip_grid,
};

static const char f32_to_bf16_source[] =
    "override size:u32 = 64;\n"
    "override each:u32 = 1;\n"
    "fn first_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{\n"
    "return(group.y * groups.x + group.x)* size * each + local;\n"
    "}\n"
    "fn bf16_from(bits:u32)-> u32{\n"
    "if((bits & 0x7fffffff)> 0x7f800000){\n"
    "return 0x7fc0;\n"
    "}\n"
    "return(bits + 0x7fff +((bits >> 16)& 1))>> 16;\n"
    "}\n"
    "struct Params{n:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> x:array<u32>;\n"
    "@group(0)@binding(2)var<storage,read_write> y:array<u32>;\n"
    "@compute @workgroup_size(size)\n"
    "fn f32_to_bf16(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "var i = first_of(local,group,groups);\n"
    "for(var e = 0u;e < each;e++){\n"
    "if(i >=(p.n + 1)/ 2){\n"
    "return;\n"
    "}\n"
    "var w = bf16_from(x[2 * i]);\n"
    "if(2 * i + 1 < p.n){\n"
    "w |= bf16_from(x[2 * i + 1])<< 16;\n"
    "}\n"
    "y[i]= w;\n"
    "i += size;\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding f32_to_bf16_bindings[] = {
    {"x", "u32", 0},
    {"y", "u32", 1},
};

static const gw_lib_value f32_to_bf16_tile[] = {
    {"each", 1},
    {"size", 64},
};

static void f32_to_bf16_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of(ceil_of((uint64_t)p[0], 2), ((uint64_t)t[1] * (uint64_t)t[0])), 65535);
    groups[1] = max_of(ceil_of(ceil_of(ceil_of((uint64_t)p[0], 2), ((uint64_t)t[1] * (uint64_t)t[0])), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_f32_to_bf16 = {
    "f32_to_bf16", f32_to_bf16_source, sizeof f32_to_bf16_source - 1, 1, 2, 2, f32_to_bf16_bindings, f32_to_bf16_tile, f32_to_bf16_grid,
};

static const char bf16_to_f32_source[] =
    "override size:u32 = 64;\n"
    "override each:u32 = 1;\n"
    "fn first_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{\n"
    "return(group.y * groups.x + group.x)* size * each + local;\n"
    "}\n"
    "struct Params{n:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> x:array<u32>;\n"
    "@group(0)@binding(2)var<storage,read_write> y:array<u32>;\n"
    "fn bf16_to(h:u32)-> u32{\n"
    "return select(h << 16,0x7fc00000,(h & 0x7fff)> 0x7f80);\n"
    "}\n"
    "@compute @workgroup_size(size)\n"
    "fn bf16_to_f32(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "var i = first_of(local,group,groups);\n"
    "for(var e = 0u;e < each;e++){\n"
    "if(i >= p.n){\n"
    "return;\n"
    "}\n"
    "y[i]= bf16_to((x[i / 2]>>(16 *(i & 1)))& 0xffff);\n"
    "i += size;\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding bf16_to_f32_bindings[] = {
    {"x", "u32", 0},
    {"y", "u32", 1},
};

static const gw_lib_value bf16_to_f32_tile[] = {
    {"each", 1},
    {"size", 64},
};

static void bf16_to_f32_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of((uint64_t)p[0], ((uint64_t)t[1] * (uint64_t)t[0])), 65535);
    groups[1] = max_of(ceil_of(ceil_of((uint64_t)p[0], ((uint64_t)t[1] * (uint64_t)t[0])), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_bf16_to_f32 = {
    "bf16_to_f32", bf16_to_f32_source, sizeof bf16_to_f32_source - 1, 1, 2, 2, bf16_to_f32_bindings, bf16_to_f32_tile, bf16_to_f32_grid,
};

static const char f32_to_f16_source[] =
    "override size:u32 = 64;\n"
    "override each:u32 = 1;\n"
    "fn first_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{\n"
    "return(group.y * groups.x + group.x)* size * each + local;\n"
    "}\n"
    "fn half_from(bits:u32)-> u32{\n"
    "let sign =(bits >> 16)& 0x8000;\n"
    "let a = bits & 0x7fffffff;\n"
    "if(a > 0x7f800000){\n"
    "return 0x7e00;\n"
    "}\n"
    "if(a >= 0x477ff000){\n"
    "return sign | 0x7c00;\n"
    "}\n"
    "if(a >= 0x38800000){\n"
    "let r = a - 0x38000000;\n"
    "return sign |((r + 0xfff +((r >> 13)& 1))>> 13);\n"
    "}\n"
    "if(a < 0x33000000){\n"
    "return sign;\n"
    "}\n"
    "let m =(a & 0x7fffff)| 0x800000;\n"
    "let shift = 126 -(a >> 23);\n"
    "let rest = m &((1u << shift)- 1);\n"
    "let half = 1u <<(shift - 1);\n"
    "var q = m >> shift;\n"
    "if(rest > half ||(rest == half &&(q & 1)!= 0)){\n"
    "q++;\n"
    "}\n"
    "return sign | q;\n"
    "}\n"
    "fn half_to(h:u32)-> u32{\n"
    "let sign =(h & 0x8000)<< 16;\n"
    "let e =(h >> 10)& 31;\n"
    "let m = h & 0x3ff;\n"
    "if(e == 31){\n"
    "return select(sign | 0x7f800000,0x7fc00000,m != 0);\n"
    "}\n"
    "if(e != 0){\n"
    "return sign |((e + 112)<< 23)|(m << 13);\n"
    "}\n"
    "if(m == 0){\n"
    "return sign;\n"
    "}\n"
    "let zeros = countLeadingZeros(m);\n"
    "return sign |((134 - zeros)<< 23)|((m <<(zeros - 8))& 0x7fffff);\n"
    "}\n"
    "struct Params{n:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> x:array<u32>;\n"
    "@group(0)@binding(2)var<storage,read_write> y:array<u32>;\n"
    "@compute @workgroup_size(size)\n"
    "fn f32_to_f16(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "var i = first_of(local,group,groups);\n"
    "for(var e = 0u;e < each;e++){\n"
    "if(i >=(p.n + 1)/ 2){\n"
    "return;\n"
    "}\n"
    "var w = half_from(x[2 * i]);\n"
    "if(2 * i + 1 < p.n){\n"
    "w |= half_from(x[2 * i + 1])<< 16;\n"
    "}\n"
    "y[i]= w;\n"
    "i += size;\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding f32_to_f16_bindings[] = {
    {"x", "u32", 0},
    {"y", "u32", 1},
};

static const gw_lib_value f32_to_f16_tile[] = {
    {"each", 1},
    {"size", 64},
};

static void f32_to_f16_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of(ceil_of((uint64_t)p[0], 2), ((uint64_t)t[1] * (uint64_t)t[0])), 65535);
    groups[1] = max_of(ceil_of(ceil_of(ceil_of((uint64_t)p[0], 2), ((uint64_t)t[1] * (uint64_t)t[0])), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_f32_to_f16 = {
    "f32_to_f16", f32_to_f16_source, sizeof f32_to_f16_source - 1, 1, 2, 2, f32_to_f16_bindings, f32_to_f16_tile, f32_to_f16_grid,
};

static const char f16_to_f32_source[] =
    "override size:u32 = 64;\n"
    "override each:u32 = 1;\n"
    "fn first_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{\n"
    "return(group.y * groups.x + group.x)* size * each + local;\n"
    "}\n"
    "fn half_from(bits:u32)-> u32{\n"
    "let sign =(bits >> 16)& 0x8000;\n"
    "let a = bits & 0x7fffffff;\n"
    "if(a > 0x7f800000){\n"
    "return 0x7e00;\n"
    "}\n"
    "if(a >= 0x477ff000){\n"
    "return sign | 0x7c00;\n"
    "}\n"
    "if(a >= 0x38800000){\n"
    "let r = a - 0x38000000;\n"
    "return sign |((r + 0xfff +((r >> 13)& 1))>> 13);\n"
    "}\n"
    "if(a < 0x33000000){\n"
    "return sign;\n"
    "}\n"
    "let m =(a & 0x7fffff)| 0x800000;\n"
    "let shift = 126 -(a >> 23);\n"
    "let rest = m &((1u << shift)- 1);\n"
    "let half = 1u <<(shift - 1);\n"
    "var q = m >> shift;\n"
    "if(rest > half ||(rest == half &&(q & 1)!= 0)){\n"
    "q++;\n"
    "}\n"
    "return sign | q;\n"
    "}\n"
    "fn half_to(h:u32)-> u32{\n"
    "let sign =(h & 0x8000)<< 16;\n"
    "let e =(h >> 10)& 31;\n"
    "let m = h & 0x3ff;\n"
    "if(e == 31){\n"
    "return select(sign | 0x7f800000,0x7fc00000,m != 0);\n"
    "}\n"
    "if(e != 0){\n"
    "return sign |((e + 112)<< 23)|(m << 13);\n"
    "}\n"
    "if(m == 0){\n"
    "return sign;\n"
    "}\n"
    "let zeros = countLeadingZeros(m);\n"
    "return sign |((134 - zeros)<< 23)|((m <<(zeros - 8))& 0x7fffff);\n"
    "}\n"
    "struct Params{n:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> x:array<u32>;\n"
    "@group(0)@binding(2)var<storage,read_write> y:array<u32>;\n"
    "@compute @workgroup_size(size)\n"
    "fn f16_to_f32(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "var i = first_of(local,group,groups);\n"
    "for(var e = 0u;e < each;e++){\n"
    "if(i >= p.n){\n"
    "return;\n"
    "}\n"
    "y[i]= half_to((x[i / 2]>>(16 *(i & 1)))& 0xffff);\n"
    "i += size;\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding f16_to_f32_bindings[] = {
    {"x", "u32", 0},
    {"y", "u32", 1},
};

static const gw_lib_value f16_to_f32_tile[] = {
    {"each", 1},
    {"size", 64},
};

static void f16_to_f32_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of((uint64_t)p[0], ((uint64_t)t[1] * (uint64_t)t[0])), 65535);
    groups[1] = max_of(ceil_of(ceil_of((uint64_t)p[0], ((uint64_t)t[1] * (uint64_t)t[0])), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_f16_to_f32 = {
    "f16_to_f32", f16_to_f32_source, sizeof f16_to_f32_source - 1, 1, 2, 2, f16_to_f32_bindings, f16_to_f32_tile, f16_to_f32_grid,
};

static const char quantise_q8_source[] =
    "override size:u32 = 64;\n"
    "override each:u32 = 1;\n"
    "fn first_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{\n"
    "return(group.y * groups.x + group.x)* size * each + local;\n"
    "}\n"
    "fn half_from(bits:u32)-> u32{\n"
    "let sign =(bits >> 16)& 0x8000;\n"
    "let a = bits & 0x7fffffff;\n"
    "if(a > 0x7f800000){\n"
    "return 0x7e00;\n"
    "}\n"
    "if(a >= 0x477ff000){\n"
    "return sign | 0x7c00;\n"
    "}\n"
    "if(a >= 0x38800000){\n"
    "let r = a - 0x38000000;\n"
    "return sign |((r + 0xfff +((r >> 13)& 1))>> 13);\n"
    "}\n"
    "if(a < 0x33000000){\n"
    "return sign;\n"
    "}\n"
    "let m =(a & 0x7fffff)| 0x800000;\n"
    "let shift = 126 -(a >> 23);\n"
    "let rest = m &((1u << shift)- 1);\n"
    "let half = 1u <<(shift - 1);\n"
    "var q = m >> shift;\n"
    "if(rest > half ||(rest == half &&(q & 1)!= 0)){\n"
    "q++;\n"
    "}\n"
    "return sign | q;\n"
    "}\n"
    "fn half_to(h:u32)-> u32{\n"
    "let sign =(h & 0x8000)<< 16;\n"
    "let e =(h >> 10)& 31;\n"
    "let m = h & 0x3ff;\n"
    "if(e == 31){\n"
    "return select(sign | 0x7f800000,0x7fc00000,m != 0);\n"
    "}\n"
    "if(e != 0){\n"
    "return sign |((e + 112)<< 23)|(m << 13);\n"
    "}\n"
    "if(m == 0){\n"
    "return sign;\n"
    "}\n"
    "let zeros = countLeadingZeros(m);\n"
    "return sign |((134 - zeros)<< 23)|((m <<(zeros - 8))& 0x7fffff);\n"
    "}\n"
    "fn inverse(d:f32)-> f32{\n"
    "return select(1.0 / d,0.0,d == 0.0);\n"
    "}\n"
    "fn steps(x:f32,i:f32,low:i32,high:i32)-> i32{\n"
    "return clamp(i32(round(x * i)),low,high);\n"
    "}\n"
    "struct Params{n:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> x:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read_write> quants:array<u32>;\n"
    "@group(0)@binding(3)var<storage,read_write> scales:array<u32>;\n"
    "fn number_at(i:u32)-> f32{\n"
    "if(i < p.n){\n"
    "return x[i];\n"
    "}\n"
    "return 0.0;\n"
    "}\n"
    "fn quantise(b:u32)-> u32{\n"
    "if(32 * b >= p.n){\n"
    "return 0;\n"
    "}\n"
    "var most = 0u;\n"
    "for(var i = 0u;i < 32;i++){\n"
    "most = max(most,bitcast<u32>(number_at(32 * b + i))& 0x7fffffff);\n"
    "}\n"
    "let scale = half_from(bitcast<u32>(bitcast<f32>(most)/ 127.0));\n"
    "let broken = scale >= 0x7c00;\n"
    "let r = inverse(bitcast<f32>(half_to(scale)));\n"
    "for(var w = 0u;w < 8;w++){\n"
    "var word = 0u;\n"
    "for(var i = 0u;i < 4;i++){\n"
    "word |=(bitcast<u32>(steps(number_at(32 * b + 4 * w + i),r,-127,127))& 255)<<(8 * i);\n"
    "}\n"
    "quants[8 * b + w]= select(word,0,broken);\n"
    "}\n"
    "return select(scale,0x7e00,broken);\n"
    "}\n"
    "@compute @workgroup_size(size)\n"
    "fn quantise_q8(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "var i = first_of(local,group,groups);\n"
    "for(var e = 0u;e < each;e++){\n"
    "if(i >=(p.n + 63)/ 64){\n"
    "return;\n"
    "}\n"
    "let low = quantise(2 * i);\n"
    "scales[i]= low |(quantise(2 * i + 1)<< 16);\n"
    "i += size;\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding quantise_q8_bindings[] = {
    {"x", "f32", 0},
    {"quants", "u32", 1},
    {"scales", "u32", 1},
};

static const gw_lib_value quantise_q8_tile[] = {
    {"each", 1},
    {"size", 64},
};

static void quantise_q8_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of(ceil_of((uint64_t)p[0], 64), ((uint64_t)t[1] * (uint64_t)t[0])), 65535);
    groups[1] = max_of(ceil_of(ceil_of(ceil_of((uint64_t)p[0], 64), ((uint64_t)t[1] * (uint64_t)t[0])), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_quantise_q8 = {
    "quantise_q8", quantise_q8_source, sizeof quantise_q8_source - 1, 1, 3, 2, quantise_q8_bindings, quantise_q8_tile, quantise_q8_grid,
};

static const char quantise_q4_source[] =
    "override size:u32 = 64;\n"
    "override each:u32 = 1;\n"
    "fn first_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{\n"
    "return(group.y * groups.x + group.x)* size * each + local;\n"
    "}\n"
    "fn half_from(bits:u32)-> u32{\n"
    "let sign =(bits >> 16)& 0x8000;\n"
    "let a = bits & 0x7fffffff;\n"
    "if(a > 0x7f800000){\n"
    "return 0x7e00;\n"
    "}\n"
    "if(a >= 0x477ff000){\n"
    "return sign | 0x7c00;\n"
    "}\n"
    "if(a >= 0x38800000){\n"
    "let r = a - 0x38000000;\n"
    "return sign |((r + 0xfff +((r >> 13)& 1))>> 13);\n"
    "}\n"
    "if(a < 0x33000000){\n"
    "return sign;\n"
    "}\n"
    "let m =(a & 0x7fffff)| 0x800000;\n"
    "let shift = 126 -(a >> 23);\n"
    "let rest = m &((1u << shift)- 1);\n"
    "let half = 1u <<(shift - 1);\n"
    "var q = m >> shift;\n"
    "if(rest > half ||(rest == half &&(q & 1)!= 0)){\n"
    "q++;\n"
    "}\n"
    "return sign | q;\n"
    "}\n"
    "fn half_to(h:u32)-> u32{\n"
    "let sign =(h & 0x8000)<< 16;\n"
    "let e =(h >> 10)& 31;\n"
    "let m = h & 0x3ff;\n"
    "if(e == 31){\n"
    "return select(sign | 0x7f800000,0x7fc00000,m != 0);\n"
    "}\n"
    "if(e != 0){\n"
    "return sign |((e + 112)<< 23)|(m << 13);\n"
    "}\n"
    "if(m == 0){\n"
    "return sign;\n"
    "}\n"
    "let zeros = countLeadingZeros(m);\n"
    "return sign |((134 - zeros)<< 23)|((m <<(zeros - 8))& 0x7fffff);\n"
    "}\n"
    "fn inverse(d:f32)-> f32{\n"
    "return select(1.0 / d,0.0,d == 0.0);\n"
    "}\n"
    "fn steps(x:f32,i:f32,low:i32,high:i32)-> i32{\n"
    "return clamp(i32(round(x * i)),low,high);\n"
    "}\n"
    "struct Params{n:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> x:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read_write> quants:array<u32>;\n"
    "@group(0)@binding(3)var<storage,read_write> scales:array<u32>;\n"
    "fn number_at(i:u32)-> f32{\n"
    "if(i < p.n){\n"
    "return x[i];\n"
    "}\n"
    "return 0.0;\n"
    "}\n"
    "fn quantise(b:u32)-> u32{\n"
    "if(32 * b >= p.n){\n"
    "return 0;\n"
    "}\n"
    "var most = 0u;\n"
    "for(var i = 0u;i < 32;i++){\n"
    "let v = bitcast<u32>(number_at(32 * b + i));\n"
    "if((v & 0x7fffffff)>(most & 0x7fffffff)){\n"
    "most = v;\n"
    "}\n"
    "}\n"
    "let scale = half_from(bitcast<u32>(bitcast<f32>(most)/ -8.0));\n"
    "let broken =(scale & 0x7fff)>= 0x7c00;\n"
    "let r = inverse(bitcast<f32>(half_to(scale)));\n"
    "for(var w = 0u;w < 4;w++){\n"
    "var word = 0u;\n"
    "for(var i = 0u;i < 4;i++){\n"
    "let j = 32 * b + 4 * w + i;\n"
    "let low = steps(number_at(j),r,-8,7)+ 8;\n"
    "let high = steps(number_at(j + 16),r,-8,7)+ 8;\n"
    "word |= bitcast<u32>(low |(high << 4))<<(8 * i);\n"
    "}\n"
    "quants[4 * b + w]= select(word,0x88888888,broken);\n"
    "}\n"
    "return select(scale,0x7e00,broken);\n"
    "}\n"
    "@compute @workgroup_size(size)\n"
    "fn quantise_q4(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "var i = first_of(local,group,groups);\n"
    "for(var e = 0u;e < each;e++){\n"
    "if(i >=(p.n + 63)/ 64){\n"
    "return;\n"
    "}\n"
    "let low = quantise(2 * i);\n"
    "scales[i]= low |(quantise(2 * i + 1)<< 16);\n"
    "i += size;\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding quantise_q4_bindings[] = {
    {"x", "f32", 0},
    {"quants", "u32", 1},
    {"scales", "u32", 1},
};

static const gw_lib_value quantise_q4_tile[] = {
    {"each", 1},
    {"size", 64},
};

static void quantise_q4_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of(ceil_of((uint64_t)p[0], 64), ((uint64_t)t[1] * (uint64_t)t[0])), 65535);
    groups[1] = max_of(ceil_of(ceil_of(ceil_of((uint64_t)p[0], 64), ((uint64_t)t[1] * (uint64_t)t[0])), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_quantise_q4 = {
    "quantise_q4", quantise_q4_source, sizeof quantise_q4_source - 1, 1, 3, 2, quantise_q4_bindings, quantise_q4_tile, quantise_q4_grid,
};

static const char dequantise_q8_source[] =
    "override size:u32 = 64;\n"
    "override each:u32 = 1;\n"
    "fn first_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{\n"
    "return(group.y * groups.x + group.x)* size * each + local;\n"
    "}\n"
    "fn half_from(bits:u32)-> u32{\n"
    "let sign =(bits >> 16)& 0x8000;\n"
    "let a = bits & 0x7fffffff;\n"
    "if(a > 0x7f800000){\n"
    "return 0x7e00;\n"
    "}\n"
    "if(a >= 0x477ff000){\n"
    "return sign | 0x7c00;\n"
    "}\n"
    "if(a >= 0x38800000){\n"
    "let r = a - 0x38000000;\n"
    "return sign |((r + 0xfff +((r >> 13)& 1))>> 13);\n"
    "}\n"
    "if(a < 0x33000000){\n"
    "return sign;\n"
    "}\n"
    "let m =(a & 0x7fffff)| 0x800000;\n"
    "let shift = 126 -(a >> 23);\n"
    "let rest = m &((1u << shift)- 1);\n"
    "let half = 1u <<(shift - 1);\n"
    "var q = m >> shift;\n"
    "if(rest > half ||(rest == half &&(q & 1)!= 0)){\n"
    "q++;\n"
    "}\n"
    "return sign | q;\n"
    "}\n"
    "fn half_to(h:u32)-> u32{\n"
    "let sign =(h & 0x8000)<< 16;\n"
    "let e =(h >> 10)& 31;\n"
    "let m = h & 0x3ff;\n"
    "if(e == 31){\n"
    "return select(sign | 0x7f800000,0x7fc00000,m != 0);\n"
    "}\n"
    "if(e != 0){\n"
    "return sign |((e + 112)<< 23)|(m << 13);\n"
    "}\n"
    "if(m == 0){\n"
    "return sign;\n"
    "}\n"
    "let zeros = countLeadingZeros(m);\n"
    "return sign |((134 - zeros)<< 23)|((m <<(zeros - 8))& 0x7fffff);\n"
    "}\n"
    "fn scale_of(word:u32,b:u32)-> f32{\n"
    "return bitcast<f32>(half_to((word >>(16 *(b & 1)))& 0xffff));\n"
    "}\n"
    "struct Params{n:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> quants:array<u32>;\n"
    "@group(0)@binding(2)var<storage,read> scales:array<u32>;\n"
    "@group(0)@binding(3)var<storage,read_write> y:array<f32>;\n"
    "@compute @workgroup_size(size)\n"
    "fn dequantise_q8(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "var i = first_of(local,group,groups);\n"
    "for(var e = 0u;e < each;e++){\n"
    "if(i >= p.n){\n"
    "return;\n"
    "}\n"
    "let q = bitcast<i32>(quants[i / 4]<<(24 - 8 *(i & 3)))>> 24;\n"
    "y[i]= f32(q)* scale_of(scales[i / 64],i / 32);\n"
    "i += size;\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding dequantise_q8_bindings[] = {
    {"quants", "u32", 0},
    {"scales", "u32", 0},
    {"y", "f32", 1},
};

static const gw_lib_value dequantise_q8_tile[] = {
    {"each", 1},
    {"size", 64},
};

static void dequantise_q8_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of((uint64_t)p[0], ((uint64_t)t[1] * (uint64_t)t[0])), 65535);
    groups[1] = max_of(ceil_of(ceil_of((uint64_t)p[0], ((uint64_t)t[1] * (uint64_t)t[0])), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_dequantise_q8 = {
    "dequantise_q8", dequantise_q8_source, sizeof dequantise_q8_source - 1, 1, 3, 2, dequantise_q8_bindings, dequantise_q8_tile, dequantise_q8_grid,
};

static const char dequantise_q4_source[] =
    "override size:u32 = 64;\n"
    "override each:u32 = 1;\n"
    "fn first_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{\n"
    "return(group.y * groups.x + group.x)* size * each + local;\n"
    "}\n"
    "fn half_from(bits:u32)-> u32{\n"
    "let sign =(bits >> 16)& 0x8000;\n"
    "let a = bits & 0x7fffffff;\n"
    "if(a > 0x7f800000){\n"
    "return 0x7e00;\n"
    "}\n"
    "if(a >= 0x477ff000){\n"
    "return sign | 0x7c00;\n"
    "}\n"
    "if(a >= 0x38800000){\n"
    "let r = a - 0x38000000;\n"
    "return sign |((r + 0xfff +((r >> 13)& 1))>> 13);\n"
    "}\n"
    "if(a < 0x33000000){\n"
    "return sign;\n"
    "}\n"
    "let m =(a & 0x7fffff)| 0x800000;\n"
    "let shift = 126 -(a >> 23);\n"
    "let rest = m &((1u << shift)- 1);\n"
    "let half = 1u <<(shift - 1);\n"
    "var q = m >> shift;\n"
    "if(rest > half ||(rest == half &&(q & 1)!= 0)){\n"
    "q++;\n"
    "}\n"
    "return sign | q;\n"
    "}\n"
    "fn half_to(h:u32)-> u32{\n"
    "let sign =(h & 0x8000)<< 16;\n"
    "let e =(h >> 10)& 31;\n"
    "let m = h & 0x3ff;\n"
    "if(e == 31){\n"
    "return select(sign | 0x7f800000,0x7fc00000,m != 0);\n"
    "}\n"
    "if(e != 0){\n"
    "return sign |((e + 112)<< 23)|(m << 13);\n"
    "}\n"
    "if(m == 0){\n"
    "return sign;\n"
    "}\n"
    "let zeros = countLeadingZeros(m);\n"
    "return sign |((134 - zeros)<< 23)|((m <<(zeros - 8))& 0x7fffff);\n"
    "}\n"
    "fn scale_of(word:u32,b:u32)-> f32{\n"
    "return bitcast<f32>(half_to((word >>(16 *(b & 1)))& 0xffff));\n"
    "}\n"
    "struct Params{n:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> quants:array<u32>;\n"
    "@group(0)@binding(2)var<storage,read> scales:array<u32>;\n"
    "@group(0)@binding(3)var<storage,read_write> y:array<f32>;\n"
    "@compute @workgroup_size(size)\n"
    "fn dequantise_q4(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "var i = first_of(local,group,groups);\n"
    "for(var e = 0u;e < each;e++){\n"
    "if(i >= p.n){\n"
    "return;\n"
    "}\n"
    "let word = quants[i / 32 * 4 +(i & 15)/ 4];\n"
    "let q = bitcast<i32>((word >>(8 *(i & 3)+((i & 16)/ 4)))& 15)- 8;\n"
    "y[i]= f32(q)* scale_of(scales[i / 64],i / 32);\n"
    "i += size;\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding dequantise_q4_bindings[] = {
    {"quants", "u32", 0},
    {"scales", "u32", 0},
    {"y", "f32", 1},
};

static const gw_lib_value dequantise_q4_tile[] = {
    {"each", 1},
    {"size", 64},
};

static void dequantise_q4_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of((uint64_t)p[0], ((uint64_t)t[1] * (uint64_t)t[0])), 65535);
    groups[1] = max_of(ceil_of(ceil_of((uint64_t)p[0], ((uint64_t)t[1] * (uint64_t)t[0])), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_dequantise_q4 = {
    "dequantise_q4", dequantise_q4_source, sizeof dequantise_q4_source - 1, 1, 3, 2, dequantise_q4_bindings, dequantise_q4_tile, dequantise_q4_grid,
};

static const char quantise_rows_source[] =
    "fn inverse(d:f32)-> f32{\n"
    "return select(1.0 / d,0.0,d == 0.0);\n"
    "}\n"
    "fn steps(x:f32,i:f32,low:i32,high:i32)-> i32{\n"
    "return clamp(i32(round(x * i)),low,high);\n"
    "}\n"
    "override size:u32 = 64;\n"
    "struct Params{rows:u32,cols:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> x:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read_write> quants:array<u32>;\n"
    "@group(0)@binding(3)var<storage,read_write> scales:array<f32>;\n"
    "var<workgroup> part:array<u32,size>;\n"
    "@compute @workgroup_size(size)\n"
    "fn quantise_rows(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "let row = group.y * groups.x + group.x;\n"
    "if(row >= p.rows){\n"
    "return;\n"
    "}\n"
    "var most = 0u;\n"
    "for(var c = local;c < p.cols;c += size){\n"
    "most = max(most,bitcast<u32>(x[row * p.cols + c])& 0x7fffffff);\n"
    "}\n"
    "part[local]= most;\n"
    "workgroupBarrier();\n"
    "for(var i = 0u;i < size;i++){\n"
    "most = max(most,part[i]);\n"
    "}\n"
    "let broken = most >= 0x7f800000;\n"
    "let d = bitcast<f32>(select(bitcast<u32>(bitcast<f32>(most)/ 127.0),0x7fc00000,broken));\n"
    "let r = inverse(d);\n"
    "for(var w = local;w < p.cols / 4;w += size){\n"
    "var word = 0u;\n"
    "for(var i = 0u;i < 4;i++){\n"
    "word |=(bitcast<u32>(steps(x[row * p.cols + 4 * w + i],r,-127,127))& 255)<<(8 * i);\n"
    "}\n"
    "quants[row *(p.cols / 4)+ w]= select(word,0,broken);\n"
    "}\n"
    "if(local == 0){\n"
    "scales[row]= d;\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding quantise_rows_bindings[] = {
    {"x", "f32", 0},
    {"quants", "u32", 1},
    {"scales", "f32", 1},
};

static const gw_lib_value quantise_rows_tile[] = {
    {"size", 64},
};

static void quantise_rows_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    (void)t;
    groups[0] = min_of((uint64_t)p[0], 65535);
    groups[1] = max_of(ceil_of((uint64_t)p[0], 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_quantise_rows = {
    "quantise_rows", quantise_rows_source, sizeof quantise_rows_source - 1, 2, 3, 1, quantise_rows_bindings, quantise_rows_tile, quantise_rows_grid,
};

static const char dequantise_rows_source[] =
    "override size:u32 = 32;\n"
    "override tall:u32 = 2;\n"
    "fn row_of(local:vec3<u32>,group:vec3<u32>,groups:vec3<u32>)-> u32{\n"
    "return(group.z * groups.y + group.y)* tall + local.y;\n"
    "}\n"
    "struct Params{rows:u32,cols:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> quants:array<u32>;\n"
    "@group(0)@binding(2)var<storage,read> scales:array<f32>;\n"
    "@group(0)@binding(3)var<storage,read_write> y:array<f32>;\n"
    "@compute @workgroup_size(size,tall)\n"
    "fn dequantise_rows(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "let row = row_of(local,group,groups);\n"
    "let c = group.x * size + local.x;\n"
    "if(row >= p.rows || c >= p.cols){\n"
    "return;\n"
    "}\n"
    "let q = bitcast<i32>(quants[row *(p.cols / 4)+ c / 4]<<(24 - 8 *(c & 3)))>> 24;\n"
    "y[row * p.cols + c]= f32(q)* scales[row];\n"
    "}\n"
    ;

static const gw_lib_binding dequantise_rows_bindings[] = {
    {"quants", "u32", 0},
    {"scales", "f32", 0},
    {"y", "f32", 1},
};

static const gw_lib_value dequantise_rows_tile[] = {
    {"size", 32},
    {"tall", 2},
};

static void dequantise_rows_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = ceil_of((uint64_t)p[1], (uint64_t)t[0]);
    groups[1] = min_of(ceil_of((uint64_t)p[0], (uint64_t)t[1]), 65535);
    groups[2] = max_of(ceil_of(ceil_of((uint64_t)p[0], (uint64_t)t[1]), 65535), 1);
}

const gw_lib_op gw_lib_dequantise_rows = {
    "dequantise_rows", dequantise_rows_source, sizeof dequantise_rows_source - 1, 2, 3, 2, dequantise_rows_bindings, dequantise_rows_tile, dequantise_rows_grid,
};

static const char dequantise_product_source[] =
    "override size:u32 = 32;\n"
    "override tall:u32 = 2;\n"
    "fn row_of(local:vec3<u32>,group:vec3<u32>,groups:vec3<u32>)-> u32{\n"
    "return(group.z * groups.y + group.y)* tall + local.y;\n"
    "}\n"
    "struct Params{rows:u32,cols:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> c:array<i32>;\n"
    "@group(0)@binding(2)var<storage,read> a:array<f32>;\n"
    "@group(0)@binding(3)var<storage,read> b:array<f32>;\n"
    "@group(0)@binding(4)var<storage,read_write> y:array<f32>;\n"
    "@compute @workgroup_size(size,tall)\n"
    "fn dequantise_product(@builtin(local_invocation_id)local:vec3<u32>,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "let i = row_of(local,group,groups);\n"
    "let j = group.x * size + local.x;\n"
    "if(i >= p.rows || j >= p.cols){\n"
    "return;\n"
    "}\n"
    "y[i * p.cols + j]= f32(c[i * p.cols + j])*(a[i]* b[j]);\n"
    "}\n"
    ;

static const gw_lib_binding dequantise_product_bindings[] = {
    {"c", "i32", 0},
    {"a", "f32", 0},
    {"b", "f32", 0},
    {"y", "f32", 1},
};

static const gw_lib_value dequantise_product_tile[] = {
    {"size", 32},
    {"tall", 2},
};

static void dequantise_product_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = ceil_of((uint64_t)p[1], (uint64_t)t[0]);
    groups[1] = min_of(ceil_of((uint64_t)p[0], (uint64_t)t[1]), 65535);
    groups[2] = max_of(ceil_of(ceil_of((uint64_t)p[0], (uint64_t)t[1]), 65535), 1);
}

const gw_lib_op gw_lib_dequantise_product = {
    "dequantise_product", dequantise_product_source, sizeof dequantise_product_source - 1, 2, 4, 2, dequantise_product_bindings, dequantise_product_tile, dequantise_product_grid,
};

static const char straight_through_source[] =
    "override size:u32 = 64;\n"
    "override each:u32 = 1;\n"
    "fn first_of(local:u32,group:vec3<u32>,groups:vec3<u32>)-> u32{\n"
    "return(group.y * groups.x + group.x)* size * each + local;\n"
    "}\n"
    "struct Params{n:u32,low:f32,high:f32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> x:array<f32>;\n"
    "@group(0)@binding(2)var<storage,read> dy:array<u32>;\n"
    "@group(0)@binding(3)var<storage,read_write> dx:array<u32>;\n"
    "@compute @workgroup_size(size)\n"
    "fn straight_through(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "var i = first_of(local,group,groups);\n"
    "for(var e = 0u;e < each;e++){\n"
    "if(i >= p.n){\n"
    "return;\n"
    "}\n"
    "let v = x[i];\n"
    "dx[i]= select(0,dy[i],v >= p.low && v <= p.high);\n"
    "i += size;\n"
    "}\n"
    "}\n"
    ;

static const gw_lib_binding straight_through_bindings[] = {
    {"x", "f32", 0},
    {"dy", "u32", 0},
    {"dx", "u32", 1},
};

static const gw_lib_value straight_through_tile[] = {
    {"each", 1},
    {"size", 64},
};

static void straight_through_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of((uint64_t)p[0], ((uint64_t)t[1] * (uint64_t)t[0])), 65535);
    groups[1] = max_of(ceil_of(ceil_of((uint64_t)p[0], ((uint64_t)t[1] * (uint64_t)t[0])), 65535), 1);
    groups[2] = 1;
}

const gw_lib_op gw_lib_straight_through = {
    "straight_through", straight_through_source, sizeof straight_through_source - 1, 3, 3, 2, straight_through_bindings, straight_through_tile, straight_through_grid,
};

static const char matvec_q8_source[] =
    "fn half_from(bits:u32)-> u32{\n"
    "let sign =(bits >> 16)& 0x8000;\n"
    "let a = bits & 0x7fffffff;\n"
    "if(a > 0x7f800000){\n"
    "return 0x7e00;\n"
    "}\n"
    "if(a >= 0x477ff000){\n"
    "return sign | 0x7c00;\n"
    "}\n"
    "if(a >= 0x38800000){\n"
    "let r = a - 0x38000000;\n"
    "return sign |((r + 0xfff +((r >> 13)& 1))>> 13);\n"
    "}\n"
    "if(a < 0x33000000){\n"
    "return sign;\n"
    "}\n"
    "let m =(a & 0x7fffff)| 0x800000;\n"
    "let shift = 126 -(a >> 23);\n"
    "let rest = m &((1u << shift)- 1);\n"
    "let half = 1u <<(shift - 1);\n"
    "var q = m >> shift;\n"
    "if(rest > half ||(rest == half &&(q & 1)!= 0)){\n"
    "q++;\n"
    "}\n"
    "return sign | q;\n"
    "}\n"
    "fn half_to(h:u32)-> u32{\n"
    "let sign =(h & 0x8000)<< 16;\n"
    "let e =(h >> 10)& 31;\n"
    "let m = h & 0x3ff;\n"
    "if(e == 31){\n"
    "return select(sign | 0x7f800000,0x7fc00000,m != 0);\n"
    "}\n"
    "if(e != 0){\n"
    "return sign |((e + 112)<< 23)|(m << 13);\n"
    "}\n"
    "if(m == 0){\n"
    "return sign;\n"
    "}\n"
    "let zeros = countLeadingZeros(m);\n"
    "return sign |((134 - zeros)<< 23)|((m <<(zeros - 8))& 0x7fffff);\n"
    "}\n"
    "fn scale_of(word:u32,b:u32)-> f32{\n"
    "return bitcast<f32>(half_to((word >>(16 *(b & 1)))& 0xffff));\n"
    "}\n"
    "override size:u32 = 64;\n"
    "override lanes:u32 = 1;\n"
    "struct Params{rows:u32,blocks:u32,vectors:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> weights:array<u32>;\n"
    "@group(0)@binding(2)var<storage,read> weight_scales:array<u32>;\n"
    "@group(0)@binding(3)var<storage,read> x:array<u32>;\n"
    "@group(0)@binding(4)var<storage,read> x_scales:array<u32>;\n"
    "@group(0)@binding(5)var<storage,read_write> y:array<f32>;\n"
    "const part_blocks = 8u;\n"
    "var<workgroup> parts:array<f32,size>;\n"
    "fn part_of(row:u32,vector:u32,part:u32)-> f32{\n"
    "var sum = 0.0;\n"
    "if(row < p.rows){\n"
    "let end = min(part * part_blocks + part_blocks,p.blocks);\n"
    "for(var b = part * part_blocks;b < end;b++){\n"
    "let w = row * p.blocks + b;\n"
    "let v = vector * p.blocks + b;\n"
    "sum += f32(dot_of(w,v))*(scale_of(weight_scales[w / 2],w)* scale_of(x_scales[v / 2],v));\n"
    "}\n"
    "}\n"
    "return sum;\n"
    "}\n"
    "fn multiply(local:u32,group:vec3<u32>,groups:vec3<u32>){\n"
    "let row =(group.x + groups.x * group.z)*(size / lanes)+ local / lanes;\n"
    "let all =(p.blocks + part_blocks - 1)/ part_blocks;\n"
    "var sum = 0.0;\n"
    "for(var first = 0u;first < all;first += lanes){\n"
    "let part = part_of(row,group.y,first + local % lanes);\n"
    "if(lanes == 1){\n"
    "sum += part;\n"
    "}else{\n"
    "parts[local]= part;\n"
    "workgroupBarrier();\n"
    "if(local % lanes == 0){\n"
    "for(var i = 0u;i < min(lanes,all - first);i++){\n"
    "sum += parts[local + i];\n"
    "}\n"
    "}\n"
    "workgroupBarrier();\n"
    "}\n"
    "}\n"
    "if(local % lanes == 0 && row < p.rows){\n"
    "y[group.y * p.rows + row]= sum;\n"
    "}\n"
    "}\n"
    "fn dot_of(w:u32,v:u32)-> i32{\n"
    "var sum = 0i;\n"
    "for(var i = 0u;i < 8;i++){\n"
    "sum += dot4I8Packed(weights[8 * w + i],x[8 * v + i]);\n"
    "}\n"
    "return sum;\n"
    "}\n"
    "@compute @workgroup_size(size)\n"
    "fn matvec_q8(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "multiply(local,group,groups);\n"
    "}\n"
    ;

static const gw_lib_binding matvec_q8_bindings[] = {
    {"weights", "u32", 0},
    {"weight_scales", "u32", 0},
    {"x", "u32", 0},
    {"x_scales", "u32", 0},
    {"y", "f32", 1},
};

static const gw_lib_value matvec_q8_tile[] = {
    {"lanes", 1},
    {"size", 64},
};

static void matvec_q8_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of((uint64_t)p[0], ((uint64_t)t[1] / (uint64_t)t[0])), 65535);
    groups[1] = (uint64_t)p[2];
    groups[2] = max_of(ceil_of(ceil_of((uint64_t)p[0], ((uint64_t)t[1] / (uint64_t)t[0])), 65535), 1);
}

const gw_lib_op gw_lib_matvec_q8 = {
    "matvec_q8", matvec_q8_source, sizeof matvec_q8_source - 1, 3, 5, 2, matvec_q8_bindings, matvec_q8_tile, matvec_q8_grid,
};

static const char matvec_q4_source[] =
    "fn half_from(bits:u32)-> u32{\n"
    "let sign =(bits >> 16)& 0x8000;\n"
    "let a = bits & 0x7fffffff;\n"
    "if(a > 0x7f800000){\n"
    "return 0x7e00;\n"
    "}\n"
    "if(a >= 0x477ff000){\n"
    "return sign | 0x7c00;\n"
    "}\n"
    "if(a >= 0x38800000){\n"
    "let r = a - 0x38000000;\n"
    "return sign |((r + 0xfff +((r >> 13)& 1))>> 13);\n"
    "}\n"
    "if(a < 0x33000000){\n"
    "return sign;\n"
    "}\n"
    "let m =(a & 0x7fffff)| 0x800000;\n"
    "let shift = 126 -(a >> 23);\n"
    "let rest = m &((1u << shift)- 1);\n"
    "let half = 1u <<(shift - 1);\n"
    "var q = m >> shift;\n"
    "if(rest > half ||(rest == half &&(q & 1)!= 0)){\n"
    "q++;\n"
    "}\n"
    "return sign | q;\n"
    "}\n"
    "fn half_to(h:u32)-> u32{\n"
    "let sign =(h & 0x8000)<< 16;\n"
    "let e =(h >> 10)& 31;\n"
    "let m = h & 0x3ff;\n"
    "if(e == 31){\n"
    "return select(sign | 0x7f800000,0x7fc00000,m != 0);\n"
    "}\n"
    "if(e != 0){\n"
    "return sign |((e + 112)<< 23)|(m << 13);\n"
    "}\n"
    "if(m == 0){\n"
    "return sign;\n"
    "}\n"
    "let zeros = countLeadingZeros(m);\n"
    "return sign |((134 - zeros)<< 23)|((m <<(zeros - 8))& 0x7fffff);\n"
    "}\n"
    "fn scale_of(word:u32,b:u32)-> f32{\n"
    "return bitcast<f32>(half_to((word >>(16 *(b & 1)))& 0xffff));\n"
    "}\n"
    "override size:u32 = 64;\n"
    "override lanes:u32 = 1;\n"
    "struct Params{rows:u32,blocks:u32,vectors:u32}\n"
    "@group(0)@binding(0)var<uniform> p:Params;\n"
    "@group(0)@binding(1)var<storage,read> weights:array<u32>;\n"
    "@group(0)@binding(2)var<storage,read> weight_scales:array<u32>;\n"
    "@group(0)@binding(3)var<storage,read> x:array<u32>;\n"
    "@group(0)@binding(4)var<storage,read> x_scales:array<u32>;\n"
    "@group(0)@binding(5)var<storage,read_write> y:array<f32>;\n"
    "const part_blocks = 8u;\n"
    "var<workgroup> parts:array<f32,size>;\n"
    "fn part_of(row:u32,vector:u32,part:u32)-> f32{\n"
    "var sum = 0.0;\n"
    "if(row < p.rows){\n"
    "let end = min(part * part_blocks + part_blocks,p.blocks);\n"
    "for(var b = part * part_blocks;b < end;b++){\n"
    "let w = row * p.blocks + b;\n"
    "let v = vector * p.blocks + b;\n"
    "sum += f32(dot_of(w,v))*(scale_of(weight_scales[w / 2],w)* scale_of(x_scales[v / 2],v));\n"
    "}\n"
    "}\n"
    "return sum;\n"
    "}\n"
    "fn multiply(local:u32,group:vec3<u32>,groups:vec3<u32>){\n"
    "let row =(group.x + groups.x * group.z)*(size / lanes)+ local / lanes;\n"
    "let all =(p.blocks + part_blocks - 1)/ part_blocks;\n"
    "var sum = 0.0;\n"
    "for(var first = 0u;first < all;first += lanes){\n"
    "let part = part_of(row,group.y,first + local % lanes);\n"
    "if(lanes == 1){\n"
    "sum += part;\n"
    "}else{\n"
    "parts[local]= part;\n"
    "workgroupBarrier();\n"
    "if(local % lanes == 0){\n"
    "for(var i = 0u;i < min(lanes,all - first);i++){\n"
    "sum += parts[local + i];\n"
    "}\n"
    "}\n"
    "workgroupBarrier();\n"
    "}\n"
    "}\n"
    "if(local % lanes == 0 && row < p.rows){\n"
    "y[group.y * p.rows + row]= sum;\n"
    "}\n"
    "}\n"
    "fn dot_of(w:u32,v:u32)-> i32{\n"
    "var sum = 0i;\n"
    "for(var i = 0u;i < 4;i++){\n"
    "let word = weights[4 * w + i];\n"
    "let low = x[8 * v + i];\n"
    "let high = x[8 * v + 4 + i];\n"
    "sum += dot4I8Packed(word & 0x0f0f0f0f,low)+ dot4I8Packed((word >> 4)& 0x0f0f0f0f,high);\n"
    "sum -= 8 *(dot4I8Packed(0x01010101,low)+ dot4I8Packed(0x01010101,high));\n"
    "}\n"
    "return sum;\n"
    "}\n"
    "@compute @workgroup_size(size)\n"
    "fn matvec_q4(@builtin(local_invocation_index)local:u32,@builtin(workgroup_id)group:vec3<u32>,\n"
    "@builtin(num_workgroups)groups:vec3<u32>){\n"
    "multiply(local,group,groups);\n"
    "}\n"
    ;

static const gw_lib_binding matvec_q4_bindings[] = {
    {"weights", "u32", 0},
    {"weight_scales", "u32", 0},
    {"x", "u32", 0},
    {"x_scales", "u32", 0},
    {"y", "f32", 1},
};

static const gw_lib_value matvec_q4_tile[] = {
    {"lanes", 1},
    {"size", 64},
};

static void matvec_q4_grid(const uint32_t *p, const uint32_t *t, uint64_t *groups) {
    groups[0] = min_of(ceil_of((uint64_t)p[0], ((uint64_t)t[1] / (uint64_t)t[0])), 65535);
    groups[1] = (uint64_t)p[2];
    groups[2] = max_of(ceil_of(ceil_of((uint64_t)p[0], ((uint64_t)t[1] / (uint64_t)t[0])), 65535), 1);
}

const gw_lib_op gw_lib_matvec_q4 = {
    "matvec_q4", matvec_q4_source, sizeof matvec_q4_source - 1, 3, 5, 2, matvec_q4_bindings, matvec_q4_tile, matvec_q4_grid,
};
