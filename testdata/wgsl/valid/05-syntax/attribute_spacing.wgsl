// expect 0.0: 8
@group ( 0 )   @binding
( 0 ) var < storage , read_write > out : array < u32 > ;
@ compute @ /* here */ workgroup_size ( 1 ) fn main ( ) { out [ 0 ] = 8 ; }
