// What of 3Dmol the viewer uses; its own types are not written to be checked this strictly.

export interface GLModel {
  addAtoms(atoms: object[]): void;
  setStyle(selection: object, style: object, add?: boolean): void;
}

/** A viewer; every method of the scene language is among those that are not named here. */
export interface GLViewer {
  addModel(data?: string, format?: string, options?: object): GLModel;
  getModel(id?: number): GLModel | null;
  addCurve(spec: object): object;
  addLabel(text: string, options: object): object;
  removeShape(shape: object): void;
  removeLabel(label: object): void;
  setBackgroundColor(colour: string, alpha: number): void;
  getView(): number[];
  setView(view: number[]): void;
  zoomTo(selection?: object): void;
  zoom(factor: number): void;
  rotate(angle: number, axis: string): void;
  render(): void;
  resize(): void;
  clear(): void;
}

export class Vector3 {
  constructor(x: number, y: number, z: number);
}

export class Sphere {
  constructor(centre: Vector3, radius: number);
}

export class Cylinder {
  constructor(from: Vector3, to: Vector3, radius: number);
}

export function createViewer(element: HTMLElement, config: object): GLViewer;
export function setSyncSurface(on: boolean): void;
