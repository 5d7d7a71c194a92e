import type { GenericSchema, InferInput, InferOutput } from "valibot";

/** How a contract is written down: the schema of what goes in, the type of what comes out. */

export interface CallDefinition<S extends GenericSchema, R> {
  readonly params: S;
  /** Type only. */
  readonly result?: R;
}

export type Delivery = "lossless" | "latest";

export interface StreamDefinition<S extends GenericSchema, T> {
  readonly params: S;
  readonly delivery: Delivery;
  /** Type only. */
  readonly item?: T;
}

export interface ContractShape {
  readonly calls: Readonly<Record<string, CallDefinition<GenericSchema, unknown>>>;
  readonly streams: Readonly<Record<string, StreamDefinition<GenericSchema, unknown>>>;
}

export const call =
  <R>() =>
  <S extends GenericSchema>(params: S): CallDefinition<S, R> => ({ params });

export const stream =
  <T>(delivery: Delivery) =>
  <S extends GenericSchema>(params: S): StreamDefinition<S, T> => ({ params, delivery });

export const defineContract = <C extends ContractShape>(contract: C): C => contract;

export type CallName<C extends ContractShape> = keyof C["calls"] & string;
export type StreamName<C extends ContractShape> = keyof C["streams"] & string;
export type CallInput<C extends ContractShape, K extends CallName<C>> = InferInput<C["calls"][K]["params"]>;
export type CallParams<C extends ContractShape, K extends CallName<C>> = InferOutput<C["calls"][K]["params"]>;
export type CallResult<C extends ContractShape, K extends CallName<C>> =
  | NonNullable<C["calls"][K]["result"]>
  | NullPart<C["calls"][K]["result"]>;
export type StreamInput<C extends ContractShape, K extends StreamName<C>> = InferInput<
  C["streams"][K]["params"]
>;
export type StreamParams<C extends ContractShape, K extends StreamName<C>> = InferOutput<
  C["streams"][K]["params"]
>;
export type StreamItem<C extends ContractShape, K extends StreamName<C>> = NonNullable<
  C["streams"][K]["item"]
>;

/** `null` survives, the `undefined` of an optional type-only property does not. */
type NullPart<T> = null extends T ? null : never;
