package dev.javisor.x86.zydis;
import dev.javisor.x86.decode.*;
import java.util.*;
public class Explore {
  static final Set<String> BASE=Set.of(("CMOV CMPXCHG16B FAT_NOP FCMOV FXSAVE FXSAVE64 I186 I286PROTECTED I286REAL I386 I486 I486REAL I86 LAHF LONGMODE PAUSE PENTIUMMMX PENTIUMREAL POPCNT PPRO PREFETCH_NOP RDPMC RDTSCP SSE SSE2 SSE2MMX SSEMXCSR SSE_PREFETCH X87 CLFSH").split(" "));
  public static void main(String[] a){
    int step=Integer.parseInt(a[0]);
    String[] P={"","66","f3","f2","f0","67","66f3","f366","66f2","f3f2","f2f3","f066","f0f3","f0f2","2e","64","4866","26","6766"};
    Map<String,int[]> agg=new TreeMap<>(); Map<String,String> ex=new HashMap<>();
    long n=0; long t0=System.nanoTime();
    Random rnd=new Random(7);
    int k=0;
    for(Mode m:new Mode[]{Mode.LONG,Mode.CODE32,Mode.CODE16}){
      Zydis z=new Zydis(m); Decoder d=new Decoder();
      for(String p:P) for(int rex=m.isLong()?0x3f:0x3f;rex<(m.isLong()?0x50:0x40);rex++)
      for(int map=0;map<4;map++) for(int op=0;op<256;op++) for(int mod=0;mod<256;mod++){
        if(k++%step!=0) continue;
        byte[] b=new byte[24]; rnd.nextBytes(b); int q=0;
        for(int i=0;i<p.length();i+=2) b[q++]=(byte)Integer.parseInt(p.substring(i,i+2),16);
        if(rex>=0x40) b[q++]=(byte)rex;
        if(map>0) b[q++]=0x0f; if(map==2)b[q++]=0x38; if(map==3)b[q++]=0x3a;
        b[q++]=(byte)op; b[q++]=(byte)mod;
        String zs; boolean ok=z.decode(b,15); String isa="";
        if(ok){ isa=z.isaSet(); zs=BASE.contains(isa)? z.mnemonic()+"/"+z.length():"#UD"; } else zs="#UD";
        Decoded r=d.decode(b,0,24,m); String us= r instanceof Instruction i? i.form().mnemonic()+"/"+i.length(): "#UD";
        if (r==Decoded.Refusal.TRUNCATED) us="TRUNC";
        n++;
        if(!zs.equals(us)){
          String zk=zs.startsWith("#")?zs:zs.replaceAll("/.*",""); String uk=us.startsWith("#")?us:us.replaceAll("/.*","");
          if(zk.equals(uk)) {zk=zs.replaceAll(".*/","len ")+" "+zk;uk=us.replaceAll(".*/","len ");}
          String key=map+" "+String.format("%02x",op)+" z="+zk+" us="+uk+" "+m;
          agg.computeIfAbsent(key,x->new int[1])[0]++;
          if(!ex.containsKey(key)) ex.put(key,HexFormat.of().formatHex(b,0,Math.min(12,q+3))+" isa="+isa);
        }
      }
    }
    System.out.println(n+" in "+(System.nanoTime()-t0)/1e9);
    agg.forEach((x,c)->System.out.println(x+" x"+c[0]+"  e.g. "+ex.get(x)));
  }
}
