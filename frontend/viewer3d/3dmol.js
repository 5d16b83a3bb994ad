// 3Dmol from its sources, without its search of the page for elements to fill (autoload).
export * from "3dmol/src/colors";
export * from "3dmol/src/glcartoon";
export * from "3dmol/src/GLDraw";
export * from "3dmol/src/GLModel";
export * from "3dmol/src/GLShape";
export * from "3dmol/src/GLViewer";
export * from "3dmol/src/Gradient";
export * from "3dmol/src/Label";
export * from "3dmol/src/parsers";
export * from "3dmol/src/partialCharges";
export * from "3dmol/src/ProteinSurface4";
export * from "3dmol/src/specs";
export * from "3dmol/src/utilities";
export * from "3dmol/src/VolumeData";
export * from "3dmol/src/VolumetricRender";
export * from "3dmol/src/WebGL/math";
export * from "3dmol/src/WebGL/shapes";
