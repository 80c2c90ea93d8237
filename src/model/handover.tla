------------------------------ MODULE handover ------------------------------
(***************************************************************************)
(* Hand-over of a set of P2P-capable VFIO devices from one source agent S  *)
(* to one of several destination agents T, driven by orchestrators that    *)
(* may crash, be replaced, and keep sending stale requests for ever.       *)
(*                                                                         *)
(* What the model abstracts, and why that is sound for safety:             *)
(*                                                                         *)
(*  * Time.  A lease may expire at any moment (S_LeaseExpires), so every   *)
(*    clock rate, drift and pause is covered.  No action reads a clock.    *)
(*  * Network.  `net` is a growing set of replies.  A request is not       *)
(*    stored: it may be delivered whenever the facts that entitled some    *)
(*    orchestrator to send it have ever held.  Loss, delay, duplication    *)
(*    and reordering of requests and replies are therefore all covered.    *)
(*  * Orchestrators.  Any number may act at once; each follows the rules   *)
(*    below but may stop, forget, flip-flop, or repeat itself.  In Mode    *)
(*    "receipt" they hold no state that safety depends on.                 *)
(*  * Data.  An image that was once read may arrive at any later time, so  *)
(*    a copy may become whole long after the source has moved on.          *)
(*  * Calls.  A device that was asked for a step towards STOP may take it  *)
(*    after the source has turned back, whatever the agent wants by then:  *)
(*    the kernel has the call.  Such devices are in sLate.                 *)
(*  * Agent crash.  An agent process restarts; whatever is not marked      *)
(*    durable is forgotten.  Devices keep their state (the VMM, not the    *)
(*    agent, must hold the VFIO descriptors), except that a staged copy    *)
(*    that was not started may be lost.                                    *)
(*  * Host lost for ever.  Its agent never acts again; its devices stay as *)
(*    they were, which is the worse case for everybody else: nobody can    *)
(*    tell a host that was cut off, and runs, from one that is dark.       *)
(*                                                                         *)
(* Each BOOLEAN constant is one rule of the protocol.  All TRUE is the     *)
(* proposed protocol; switching one off shows the hazard it guards against.*)
(***************************************************************************)
EXTENDS Naturals, FiniteSets, TLC

CONSTANTS
  Devs, Dests,        \* devices of the set; destination agents
  MaxEpoch,           \* orchestrator incarnations 1..MaxEpoch
  MaxStops,           \* how often S may be quiesced
  MaxCrash,           \* crash budget over all agents
  MaxLost,            \* how many hosts may be lost for ever
  GiveUps,            \* destinations may give up without naming a stop (T_GiveUp)
  Mode,               \* "receipt": durable void before unseal.
                      \* "epoch"  : promise-only fencing, no void record.
  SealDurable,        \* S writes the seal to disk before it acknowledges
  SealStopsLease,     \* a sealed S never resumes by itself
  SealStopsAbort,     \* ... nor because somebody asks it to
  SealNamesGen,       \* Seal names the stop generation that was copied
  SealBindsDest,      \* a seal is for one destination only
  GenDurable,         \* stop generations are never reused after a restart
  StartNeedsSealAck,  \* T may be started only on S's seal receipt
  UnsealNeedsVoid,    \* S may be unsealed only on T's void receipt
  VoidDurable,        \* T writes the void to disk before it acknowledges
  StartDurable,       \* T writes "started" to disk before any device moves
  KeepUntilStarted,   \* S keeps the frozen state until T's start receipt
  EpochFence,         \* agents refuse epochs below the highest promised
  EpochDurable,       \* ... and remember that promise across restarts
  LocalBarrier,       \* agents enforce the two-phase P2P barrier themselves
  CallsCount,         \* ... and a device with a call out counts as at both ends of it
  AckAfterMove        \* start receipt only once a device has left STOP

ASSUME Mode \in {"receipt", "epoch"}

None    == [g |-> 0]
Gens    == 1..MaxStops
GivenUp == [g |-> MaxStops + 1]    \* instead of a copy: none is taken in any more
Source  == "S"
Epochs  == 1..MaxEpoch
States  == {"RUN", "P2P", "STOP"}  \* RUNNING, RUNNING_P2P, STOP/STOP_COPY/RESUMING

VARIABLES
  sDev,    \* device states at S
  sGoal,   \* where S is driving its devices: "run" or "stop"  (volatile)
  sLate,   \* devices with a call out from before S turned back (the kernel's)
  sGen,    \* stop generation, chosen by S                     (durable)
  sSeal,   \* None or [g, d]: the run right is given to d      (durable)
  sKept,   \* S still holds the frozen state
  sEpoch,  \* highest epoch promised by S                      (durable)
  tDev, tCopy, tVoid, tRec, tEpoch,  \* the same for each destination
  cur,     \* newest orchestrator epoch handed out by the journal
  choice,  \* Mode "epoch" only: what orchestrator e decided
  net,     \* replies ever sent
  image,   \* ghost: the version that was frozen under each stop generation, 99 if none
  lost,    \* hosts that never act again
  stops, ver, crashes                \* ghosts

sVars == <<sDev, sGoal, sLate, sGen, sSeal, sKept, sEpoch>>
tVars == <<tDev, tCopy, tVoid, tRec, tEpoch>>
ghosts == <<image, lost>>
vars  == <<sVars, tVars, cur, choice, net, stops, ver, crashes, ghosts>>

Fact(k, g, d)     == [k |-> k, g |-> g, d |-> d, e |-> 0]
EFact(k, e, g, d) == [k |-> k, g |-> g, d |-> d, e |-> e]
Known(k, g, d)    == Fact(k, g, d) \in net

AllS(st)     == \A d \in Devs : sDev[d] = st
AllT(t, st)  == \A d \in Devs : tDev[t][d] = st
SActive      == \E d \in Devs : sDev[d] # "STOP"
TActive(t)   == \E d \in Devs : tDev[t][d] # "STOP"
Sealed       == sSeal # None
SealedFor(g, d) == Sealed /\ sSeal.g = g /\ sSeal.d = d

Up(h)        == h \notin lost

Passes(e, promised) == EpochFence => e >= promised
Max(a, b)           == IF a >= b THEN a ELSE b

Init ==
  /\ sDev = [d \in Devs |-> "RUN"] /\ sGoal = "run" /\ sLate = {} /\ sGen = 0
  /\ sSeal = None /\ sKept = TRUE /\ sEpoch = 0
  /\ tDev = [t \in Dests |-> [d \in Devs |-> "STOP"]]
  /\ tCopy = [t \in Dests |-> None] /\ tVoid = [t \in Dests |-> {}]
  /\ tRec = [t \in Dests |-> "none"] /\ tEpoch = [t \in Dests |-> 0]
  /\ cur = 1 /\ choice = [e \in Epochs |-> "none"] /\ net = {}
  /\ stops = 0 /\ ver = 0 /\ crashes = 0
  /\ image = [g \in Gens |-> 99] /\ lost = {}

-----------------------------------------------------------------------------
(* Orchestrators *)

O_TakeOver ==            \* a new incarnation wins the compare-and-set on the journal
  /\ cur < MaxEpoch /\ cur' = cur + 1
  /\ UNCHANGED <<sVars, tVars, choice, net, stops, ver, crashes, ghosts>>

O_Decide(e, c) ==        \* Mode "epoch": decide only after both agents promised e
  /\ Mode = "epoch" /\ choice[e] = "none"
  /\ \E g \in Gens, t \in Dests :
       EFact("SFenced", e, g, t) \in net /\ EFact("TFenced", e, g, t) \in net
  /\ choice' = [choice EXCEPT ![e] = c]
  /\ UNCHANGED <<sVars, tVars, cur, net, stops, ver, crashes, ghosts>>

MayStart(e, g, t) ==
  IF Mode = "epoch"
    THEN /\ choice[e] = "fwd"
         /\ EFact("SFenced", e, g, t) \in net /\ EFact("TFenced", e, g, t) \in net
    ELSE IF StartNeedsSealAck THEN Known("SealAck", g, t) ELSE Known("Ready", g, t)

MayUnseal(e, g, t) ==
  IF Mode = "epoch"
    THEN /\ choice[e] = "back"
         /\ EFact("SFenced", e, g, t) \in net /\ EFact("TFenced", e, g, t) \in net
    ELSE IF UnsealNeedsVoid THEN Known("VoidAck", g, t) ELSE Known("Ready", g, t)

MayRelease(g, t) ==
  IF KeepUntilStarted THEN Known("StartAck", g, t) ELSE Known("SealAck", g, t)

-----------------------------------------------------------------------------
(* Source agent *)

S_Quiesce(e) ==
  /\ Up(Source) /\ Passes(e, sEpoch) /\ sKept /\ ~Sealed /\ sGoal = "run"
  /\ AllS("RUN") /\ sLate = {} /\ stops < MaxStops
  /\ sGoal' = "stop" /\ sGen' = sGen + 1 /\ stops' = stops + 1
  /\ sEpoch' = Max(e, sEpoch)
  /\ UNCHANGED <<sDev, sLate, sSeal, sKept, tVars, cur, choice, net, ver, crashes, ghosts>>

S_DeviceStep(d) ==       \* one device, one arc; no two devices move at once
  /\ Up(Source) /\ sKept
  /\ \/ /\ sGoal = "stop" /\ sDev[d] = "RUN"
        /\ sDev' = [sDev EXCEPT ![d] = "P2P"] /\ UNCHANGED ver
     \/ /\ sGoal = "stop" /\ sDev[d] = "P2P"
        /\ (LocalBarrier => \A x \in Devs : sDev[x] # "RUN")
        /\ sDev' = [sDev EXCEPT ![d] = "STOP"] /\ UNCHANGED ver
     \/ /\ sGoal = "run" /\ sDev[d] = "STOP" /\ d \notin sLate
        /\ sDev' = [sDev EXCEPT ![d] = "P2P"]
        /\ ver' = stops                          \* the state moves on
     \/ /\ sGoal = "run" /\ sDev[d] = "P2P" /\ d \notin sLate
        /\ (LocalBarrier => \A x \in Devs : sDev[x] # "STOP")
        /\ (CallsCount => \A x \in sLate : sDev[x] # "P2P")
        /\ sDev' = [sDev EXCEPT ![d] = "RUN"] /\ UNCHANGED ver
  /\ image' = IF sGoal = "stop" /\ sDev # sDev' /\ \A x \in Devs : sDev'[x] = "STOP"
                THEN [image EXCEPT ![sGen] = ver] ELSE image
  /\ UNCHANGED <<sGoal, sLate, sGen, sSeal, sKept, sEpoch, tVars, cur, choice, net, stops, crashes,
                 lost>>

(* Calls towards STOP that may be out now; several are out at once.         *)
Underway ==
  IF sGoal = "run" THEN {}
  ELSE {d \in Devs : sDev[d] = "RUN"} \cup
       {d \in Devs : sDev[d] = "P2P" /\ (LocalBarrier => \A x \in Devs : sDev[x] # "RUN")}

S_LateStep(d) ==         \* a lone device may do without P2P, and then goes to STOP at once
  /\ Up(Source) /\ d \in sLate /\ sLate' = sLate \ {d}
  /\ \/ sDev[d] = "RUN" /\ sDev' = [sDev EXCEPT ![d] = "P2P"]
     \/ sDev[d] = "P2P" /\ sDev' = [sDev EXCEPT ![d] = "STOP"]
     \/ sDev[d] = "RUN" /\ Devs = {d} /\ sDev' = [sDev EXCEPT ![d] = "STOP"]
  /\ UNCHANGED <<sGoal, sGen, sSeal, sKept, sEpoch, tVars, cur, choice, net, stops, ver, crashes,
                 ghosts>>

S_LeaseExpires(late) ==
  /\ Up(Source) /\ sGoal = "stop" /\ sKept
  /\ (SealStopsLease => ~Sealed)
  /\ late \subseteq Underway
  /\ sGoal' = "run" /\ sLate' = late
  /\ UNCHANGED <<sDev, sGen, sSeal, sKept, sEpoch, tVars, cur, choice, net, stops, ver, crashes,
                 ghosts>>

S_Abort(e, late) ==      \* an orchestrator, or a human through it, wants the set back
  /\ Up(Source) /\ Passes(e, sEpoch) /\ sGoal = "stop" /\ sKept
  /\ (SealStopsAbort => ~Sealed)
  /\ late \subseteq Underway
  /\ sGoal' = "run" /\ sLate' = late /\ sEpoch' = Max(e, sEpoch)
  /\ UNCHANGED <<sDev, sGen, sSeal, sKept, tVars, cur, choice, net, stops, ver, crashes, ghosts>>

S_Seal(e, g, t) ==       \* idempotent for the same generation and destination
  /\ Up(Source) /\ Passes(e, sEpoch) /\ Known("Ready", g, t) /\ sKept
  /\ \/ /\ ~Sealed /\ sGoal = "stop" /\ AllS("STOP")
        /\ (SealNamesGen => g = sGen)
        /\ sSeal' = [g |-> g, d |-> t]
     \/ /\ Sealed /\ sSeal.g = g
        /\ (SealBindsDest => sSeal.d = t)
        /\ UNCHANGED sSeal
  /\ net' = net \cup {Fact("SealAck", g, t)}
  /\ sEpoch' = Max(e, sEpoch)
  /\ UNCHANGED <<sDev, sGoal, sLate, sGen, sKept, tVars, cur, choice, stops, ver, crashes, ghosts>>

S_Unseal(e, g, t) ==
  /\ Up(Source) /\ Passes(e, sEpoch) /\ SealedFor(g, t) /\ sKept /\ MayUnseal(e, g, t)
  /\ sSeal' = None /\ sGoal' = "run" /\ sEpoch' = Max(e, sEpoch)
  /\ UNCHANGED <<sDev, sLate, sGen, sKept, tVars, cur, choice, net, stops, ver, crashes, ghosts>>

S_Release(g, t) ==       \* only now may the source forget the frozen state
  /\ Up(Source) /\ SealedFor(g, t) /\ sKept /\ MayRelease(g, t)
  /\ sKept' = FALSE
  /\ UNCHANGED <<sDev, sGoal, sLate, sGen, sSeal, sEpoch, tVars, cur, choice, net, stops, ver,
                 crashes, ghosts>>

S_Fence(e) ==            \* Mode "epoch": promise e and report the seal
  /\ Mode = "epoch" /\ Up(Source) /\ Passes(e, sEpoch) /\ Sealed
  /\ sEpoch' = Max(e, sEpoch)
  /\ net' = net \cup {EFact("SFenced", e, sSeal.g, sSeal.d)}
  /\ UNCHANGED <<sDev, sGoal, sLate, sGen, sSeal, sKept, tVars, cur, choice, stops, ver, crashes,
                 ghosts>>

S_Crash(late) ==         \* restart; an unsealed agent drives its devices back to RUN
  /\ Up(Source) /\ crashes < MaxCrash /\ crashes' = crashes + 1
  /\ sSeal'  = IF SealDurable THEN sSeal ELSE None
  /\ sGen'   = IF GenDurable THEN sGen ELSE 0
  /\ sEpoch' = IF EpochDurable THEN sEpoch ELSE 0
  /\ sGoal'  = IF sSeal' = None THEN "run" ELSE "stop"
  /\ late \subseteq Underway /\ sLate' = sLate \cup late
  /\ UNCHANGED <<sDev, sKept, tVars, cur, choice, net, stops, ver, ghosts>>

-----------------------------------------------------------------------------
(* Destination agents *)

T_Stage(t, g) ==         \* a whole, digest-checked copy; late, if its bytes were slow
  /\ Up(t) /\ image[g] # 99
  /\ tRec[t] = "none" /\ g \notin tVoid[t] /\ tCopy[t].g < g
  /\ tCopy' = [tCopy EXCEPT ![t] = [g |-> g, v |-> image[g]]]
  /\ net' = net \cup {Fact("Ready", g, t)}
  /\ UNCHANGED <<sVars, tDev, tVoid, tRec, tEpoch, cur, choice, stops, ver, crashes, ghosts>>

T_Start(e, g, t) ==      \* e's request, or S's receipt arriving directly
  /\ Up(t) /\ Passes(e, tEpoch[t]) /\ MayStart(e, g, t)
  /\ tRec[t] = "none" /\ tCopy[t].g = g /\ g \notin tVoid[t]
  /\ tRec' = [tRec EXCEPT ![t] = "started"]
  /\ tEpoch' = [tEpoch EXCEPT ![t] = Max(e, @)]
  /\ net' = IF AckAfterMove THEN net ELSE net \cup {Fact("StartAck", g, t)}
  /\ UNCHANGED <<sVars, tDev, tCopy, tVoid, cur, choice, stops, ver, crashes, ghosts>>

T_AckStart(t) ==
  /\ Up(t) /\ AckAfterMove /\ tRec[t] = "started" /\ TActive(t)
  /\ net' = net \cup {Fact("StartAck", tCopy[t].g, t)}
  /\ UNCHANGED <<sVars, tVars, cur, choice, stops, ver, crashes, ghosts>>

T_Revert(t) ==           \* the first arc failed on every device that was asked
  /\ Mode = "receipt" /\ Up(t) /\ tRec[t] = "started" /\ ~TActive(t)
  /\ tRec' = [tRec EXCEPT ![t] = "none"]
  /\ tVoid' = [tVoid EXCEPT ![t] = @ \cup {tCopy[t].g}]
  /\ tCopy' = [tCopy EXCEPT ![t] = None]
  /\ net' = net \cup {Fact("VoidAck", tCopy[t].g, t)}
  /\ UNCHANGED <<sVars, tDev, tEpoch, cur, choice, stops, ver, crashes, ghosts>>

T_Void(e, g, t) ==       \* asked to give up generation g for ever, known here or not
  /\ Mode = "receipt" /\ Up(t) /\ Passes(e, tEpoch[t])
  /\ tRec[t] = "none"
  /\ tVoid' = [tVoid EXCEPT ![t] = @ \cup {g}]
  /\ tCopy' = [tCopy EXCEPT ![t] = IF @.g = g THEN None ELSE @]
  /\ tEpoch' = [tEpoch EXCEPT ![t] = Max(e, @)]
  /\ net' = net \cup {Fact("VoidAck", g, t)}
  /\ UNCHANGED <<sVars, tDev, tRec, cur, choice, stops, ver, crashes, ghosts>>

T_VoidAtWill(g, t) ==    \* the same for a reason of its own: no epoch, no request
  /\ Mode = "receipt" /\ Up(t) /\ tRec[t] = "none" /\ g \notin tVoid[t]
  /\ tVoid' = [tVoid EXCEPT ![t] = @ \cup {g}]
  /\ tCopy' = [tCopy EXCEPT ![t] = IF @.g = g THEN None ELSE @]
  /\ net' = net \cup {Fact("VoidAck", g, t)}
  /\ UNCHANGED <<sVars, tDev, tRec, tEpoch, cur, choice, stops, ver, crashes, ghosts>>

T_GiveUp(t) ==           \* drop the claim without naming a stop; a seal may name one later
  /\ Mode = "receipt" /\ GiveUps /\ Up(t) /\ tRec[t] = "none" /\ tCopy[t] # GivenUp
  /\ tCopy' = [tCopy EXCEPT ![t] = GivenUp]
  /\ UNCHANGED <<sVars, tDev, tVoid, tRec, tEpoch, cur, choice, net, stops, ver, crashes, ghosts>>

T_Fence(e, t) ==         \* Mode "epoch": promise e and report "not started"
  /\ Mode = "epoch" /\ Up(t) /\ Passes(e, tEpoch[t])
  /\ tRec[t] = "none" /\ tCopy[t] # None
  /\ tEpoch' = [tEpoch EXCEPT ![t] = Max(e, @)]
  /\ net' = net \cup {EFact("TFenced", e, tCopy[t].g, t)}
  /\ UNCHANGED <<sVars, tDev, tCopy, tVoid, tRec, cur, choice, stops, ver, crashes, ghosts>>

T_DeviceStep(t, d) ==
  /\ Up(t) /\ tRec[t] = "started"
  /\ \/ /\ tDev[t][d] = "STOP" /\ tDev' = [tDev EXCEPT ![t][d] = "P2P"]
     \/ /\ tDev[t][d] = "P2P"
        /\ (LocalBarrier => \A x \in Devs : tDev[t][x] # "STOP")
        /\ tDev' = [tDev EXCEPT ![t][d] = "RUN"]
  /\ UNCHANGED <<sVars, tCopy, tVoid, tRec, tEpoch, cur, choice, net, stops, ver, crashes, ghosts>>

T_Crash(t, kept) ==
  /\ Up(t) /\ crashes < MaxCrash /\ crashes' = crashes + 1
  /\ IF kept THEN UNCHANGED tCopy
             ELSE tRec[t] = "none" /\ tCopy' = [tCopy EXCEPT ![t] = None]
  /\ tVoid'  = IF VoidDurable  THEN tVoid  ELSE [tVoid  EXCEPT ![t] = {}]
  /\ tRec'   = IF StartDurable THEN tRec   ELSE [tRec   EXCEPT ![t] = "none"]
  /\ tEpoch' = IF EpochDurable THEN tEpoch ELSE [tEpoch EXCEPT ![t] = 0]
  /\ UNCHANGED <<sVars, tDev, cur, choice, net, stops, ver, ghosts>>

-----------------------------------------------------------------------------
H_Lost(h) ==             \* nobody is told
  /\ Cardinality(lost) < MaxLost /\ Up(h) /\ lost' = lost \cup {h}
  /\ UNCHANGED <<sVars, tVars, cur, choice, net, stops, ver, crashes, image>>

-----------------------------------------------------------------------------
Agents ==
  \/ \E d \in Devs : S_DeviceStep(d) \/ S_LateStep(d)
  \/ \E t \in Dests, d \in Devs : T_DeviceStep(t, d)
  \/ \E late \in SUBSET Underway : S_LeaseExpires(late) \/ S_Crash(late)
  \/ \E t \in Dests :
       \/ T_AckStart(t) \/ T_Revert(t) \/ T_GiveUp(t)
       \/ \E kept \in BOOLEAN : T_Crash(t, kept)
       \/ \E g \in Gens : T_Stage(t, g) \/ T_VoidAtWill(g, t)

Requests ==
  \E e \in 1..cur :
    \/ S_Quiesce(e) \/ S_Fence(e)
    \/ \E late \in SUBSET Underway : S_Abort(e, late)
    \/ O_Decide(e, "fwd") \/ O_Decide(e, "back")
    \/ \E t \in Dests : T_Fence(e, t)
    \/ \E g \in Gens, t \in Dests :
         S_Seal(e, g, t) \/ S_Unseal(e, g, t) \/ T_Start(e, g, t) \/ T_Void(e, g, t)

Next ==
  \/ O_TakeOver \/ Agents \/ Requests
  \/ \E g \in Gens, t \in Dests : S_Release(g, t)
  \/ \E h \in Dests \cup {Source} : H_Lost(h)

-----------------------------------------------------------------------------
(* Fairness: agents only.  No orchestrator is ever obliged to do anything.  *)
(* LocalFair is the dead-man's switch; it counts on every call to end some  *)
(* day.  PeerFair lets the two agents settle a sealed hand-over between     *)
(* themselves: T starts on S's receipt or voids a copy it has lost, and S   *)
(* acts on T's answer.                                                      *)

T_VoidIfLost(g, t) ==
  Known("SealAck", g, t) /\ tCopy[t].g # g /\ T_Void(tEpoch[t], g, t)

LocalFair ==
  /\ WF_vars(\E late \in SUBSET Underway : S_LeaseExpires(late))
  /\ \A d \in Devs : WF_vars(S_DeviceStep(d)) /\ WF_vars(S_LateStep(d))
  /\ \A t \in Dests, d \in Devs : WF_vars(T_DeviceStep(t, d))

PeerFair ==
  \A g \in Gens, t \in Dests :
    /\ WF_vars(T_Start(tEpoch[t], g, t))
    /\ WF_vars(T_VoidIfLost(g, t))
    /\ WF_vars(T_AckStart(t))
    /\ WF_vars(S_Unseal(sEpoch, g, t))
    /\ WF_vars(S_Release(g, t))

Spec      == Init /\ [][Next]_vars
LocalSpec == Spec /\ LocalFair              \* no agent-to-agent baton
FairSpec  == Spec /\ LocalFair /\ PeerFair

-----------------------------------------------------------------------------
(* Safety *)

TypeOK ==
  /\ sDev \in [Devs -> States] /\ sGoal \in {"run", "stop"} /\ sGen \in 0..MaxStops
  /\ sKept \in BOOLEAN /\ cur \in Epochs /\ sLate \subseteq Devs
  /\ tDev \in [Dests -> [Devs -> States]] /\ tRec \in [Dests -> {"none", "started"}]

(* No device is frozen while another device of the set may start P2P DMA.   *)
BarrierHolds ==
  /\ ~ \E x, y \in Devs : sDev[x] = "STOP" /\ sDev[y] = "RUN"
  /\ \A t \in Dests : ~ \E x, y \in Devs : tDev[t][x] = "STOP" /\ tDev[t][y] = "RUN"

(* Never two hosts whose devices can change state at the same time.         *)
NeverTwoActive ==
  /\ \A t \in Dests : ~(SActive /\ TActive(t))
  /\ \A t, u \in Dests : t # u => ~(TActive(t) /\ TActive(u))

(* A started destination runs exactly the state the source froze last.      *)
NoStaleState ==
  \A t \in Dests : tRec[t] = "started" => (tCopy[t] # None /\ tCopy[t].v = ver)

(* The newest state always exists somewhere.                                *)
NoStateLost ==
  \/ sKept
  \/ \E t \in Dests : (tRec[t] = "started" \/ TActive(t)) /\ tCopy[t] # None

(* Once released, the source never moves again.                             *)
ReleasedIsFinal == ~sKept => AllS("STOP")

(* With a host lost for ever, this much can be proven and no more.  A set   *)
(* parks if the one word that could free it must come from the lost host:   *)
(* from the source, while no other host may start what it holds; or from    *)
(* the destination that the seal names, while its void is not known.        *)
MayYetRun(t) ==
  \/ tRec[t] = "started"
  \/ \E g \in Gens : Known("SealAck", g, t) /\ tCopy[t].g = g /\ g \notin tVoid[t]

Parked ==
  \/ ~Up(Source) /\ \A t \in Dests : Up(t) => ~MayYetRun(t)
  \/ Sealed /\ ~Up(sSeal.d) /\ ~Known("VoidAck", sSeal.g, sSeal.d)

(* Nothing of a parked set runs on a host that could be asked about it.     *)
ParkedIsQuiet ==
  Parked => /\ Up(Source) => ~SActive
            /\ \A t \in Dests : Up(t) => ~TActive(t)

Safe ==
  /\ TypeOK /\ BarrierHolds /\ NeverTwoActive /\ NoStaleState /\ NoStateLost
  /\ ReleasedIsFinal /\ ParkedIsQuiet

(* Liveness; without a lost host Parked is false, and this is the design's  *)

OneSideRuns ==
  \/ AllS("RUN") /\ \A t \in Dests : ~TActive(t)
  \/ \E t \in Dests : AllT(t, "RUN") /\ ~SActive /\ \A u \in Dests : u # t => ~TActive(u)

DeadMan  == (sGoal = "stop" /\ ~Sealed) ~> (AllS("RUN") \/ Sealed \/ ~Up(Source))
Resolves == Sealed ~> (OneSideRuns \/ Parked)
Settles  == <>[](OneSideRuns \/ Parked)

(* Sound for invariants only: a run with properties must not use it.       *)
Symmetry == Permutations(Devs) \cup Permutations(Dests)

-----------------------------------------------------------------------------
(* Reachability: each of these must be violated, or the runs prove nothing. *)
NeverSucceeds     == sKept \/ \A t \in Dests : ~AllT(t, "RUN")
NeverComesBack    == ~(stops = 2 /\ Sealed /\ \E t \in Dests : Known("SealAck", 1, t))
NeverLosesACopy   == ~(Sealed /\ tRec[sSeal.d] = "none" /\ tCopy[sSeal.d].g # sSeal.g)
NeverLateCall     == ~(sGoal = "run" /\ sLate # {} /\ \E d \in Devs : sDev[d] = "STOP")
NeverLateCopy     == \A t \in Dests : tCopy[t].g \in Gens => tCopy[t].v = ver
NeverParkedSealed == ~(Parked /\ Sealed /\ Up(Source) /\ AllS("STOP"))
NeverParkedOpen   == ~(Parked /\ ~Sealed /\ AllS("STOP"))
=============================================================================
