--------------------------- MODULE handover_trace ---------------------------
(***************************************************************************)
(* Is a recorded run a behaviour of handover.tla?  Traces, in the generated *)
(* module trace_data, holds runs as sequences of actions: a name and its    *)
(* parameters, and where a device stepped to.  Each action is decided by    *)
(* its parameters, so a run has one behaviour at most; a run that is none   *)
(* ends in a deadlock whose last state names the run and the action (n, i). *)
(* README.md says how a line of a log becomes an action.                   *)
(***************************************************************************)
EXTENDS handover, Sequences, trace_data

VARIABLES n, i   \* which run; which of its actions is next

\* 0 stands for the epoch that the agent promised: it acts on its peer's word
Own(e, promised) == IF e = 0 THEN promised ELSE e

Step(a) ==
  \/ a[1] = "O_TakeOver"     /\ O_TakeOver
  \/ a[1] = "S_Quiesce"      /\ S_Quiesce(a[2]) /\ sGen' = a[3]
  \/ a[1] = "S_DeviceStep"   /\ S_DeviceStep(a[2]) /\ sDev'[a[2]] = a[3]
  \/ a[1] = "S_LateStep"     /\ S_LateStep(a[2]) /\ sDev'[a[2]] = a[3]
  \/ a[1] = "S_LeaseExpires" /\ S_LeaseExpires(a[2])
  \/ a[1] = "S_Abort"        /\ S_Abort(a[2], a[3])
  \/ a[1] = "S_Seal"         /\ S_Seal(a[2], a[3], a[4])
  \/ a[1] = "S_Unseal"       /\ S_Unseal(Own(a[2], sEpoch), a[3], a[4])
  \/ a[1] = "S_Release"      /\ S_Release(a[2], a[3])
  \/ a[1] = "S_Crash"        /\ S_Crash(a[2])
  \/ a[1] = "T_Stage"        /\ T_Stage(a[2], a[3])
  \/ a[1] = "T_Start"        /\ T_Start(Own(a[2], tEpoch[a[4]]), a[3], a[4])
  \/ a[1] = "T_AckStart"     /\ T_AckStart(a[2])
  \/ a[1] = "T_Revert"       /\ T_Revert(a[2])
  \/ a[1] = "T_Void"         /\ T_Void(Own(a[2], tEpoch[a[4]]), a[3], a[4])
  \/ a[1] = "T_VoidAtWill"   /\ T_VoidAtWill(a[2], a[3])
  \/ a[1] = "T_GiveUp"       /\ T_GiveUp(a[2])
  \/ a[1] = "T_DeviceStep"   /\ T_DeviceStep(a[2], a[3]) /\ tDev'[a[2]][a[3]] = a[4]
  \/ a[1] = "T_Crash"        /\ T_Crash(a[2], a[3])
  \/ a[1] = "H_Lost"         /\ H_Lost(a[2])

TraceInit == Init /\ n \in 1..Len(Traces) /\ i = 1

TraceNext ==
  \/ i <= Len(Traces[n]) /\ Step(Traces[n][i]) /\ i' = i + 1 /\ UNCHANGED n
  \/ i > Len(Traces[n]) /\ UNCHANGED <<vars, n, i>>

TraceSpec == TraceInit /\ [][TraceNext]_<<vars, n, i>>
=============================================================================
